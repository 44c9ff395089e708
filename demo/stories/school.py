"""Learning, attendance, arriving."""

from demo.stories import GoalWords, Note, Story

QUERY = Story(
    key="query",
    reasons=(
        ("semh_cause", "semh_cause.adhd_asc_query"),
        ("semh_presenting", "semh_presenting.behaviour_at_school"),
        ("send_health", "send_health.sen_support"),
    ),
    services=("family_support",),
    worrying=(
        "{child} cannot sit through a lesson, runs out when it is loud, and has been sent home twice. An assessment was asked for "
        "fourteen months ago. {carer} is worn out by telephone calls from school.",
        "Noise, changes and labels in clothes end in meltdowns of an hour. {carer} has stopped taking the children out. The waiting time for assessment is two years.",
    ),
    tried="A den under the stairs at school, ear defenders, a visual timetable that is not always used. {carer} has read everything.",
    going_well="{child} knows all there is to know about trains, remembers birthdays, and is funny.",
    wants="Not to wait for a label before somebody helps. To go to the shop together.",
    child_says=("“My ears are too open.”", "“I am not naughty, I am full.”"),
    factors=(
        ("presenting", "Meltdowns after school most days", "children_s_feelings", True),
        ("presenting", "Two exclusions this term", "learning", True),
        (
            "predisposing",
            "Senses that take everything in; {carer} was the same",
            "special_educational_needs_or_disability",
            True,
        ),
        ("precipitating", "New classroom, new teacher, new time for lunch, all in one week", "learning", True),
        ("perpetuating", "A timetable that is right on Monday and forgotten by Thursday", "learning", True),
        ("perpetuating", "{carer} has had no evening off for a year", "adults_wellbeing", False),
        ("protective", "Trains; a teaching assistant who loves trains", "people_around_us", True),
        ("protective", "Grandparents who take {him} as {he} is", "relationships_in_the_family", False),
        (
            "predictive",
            "With the same signs at home and school, calmer afternoons within a month, whatever the assessment says",
            "special_educational_needs_or_disability",
            True,
        ),
    ),
    summary="Help for what is, not for what it may be called. Same signs, fewer surprises, rest for {carer}.",
    goals=(
        GoalWords(
            "Fewer meltdowns after school",
            "An hour of nothing before anything.",
            (("Den and headphones from half past three", "{carer}"), ("Note of the day in the bag", "Class teacher")),
            factor="presenting",
        ),
        GoalWords(
            "Stay in school all day",
            "{child} uses the card before {he} runs.",
            (("Red card means den, no questions", "School"), ("Practise the card at home", "{child} and {carer}")),
            factor="perpetuating",
        ),
        GoalWords(
            "Go to the shop together",
            "Ten minutes, one list, out.",
            (("Go on Tuesday at seven, when it is quiet", "{carer} and {child}"),),
            factor="protective",
        ),
    ),
    first=(
        Note(
            "Came at the time I had said, to the minute, because {carer} had warned me. {child} explained the route by which I must have come and was right. {carer} showed me the folder: nine letters, one appointment. We agreed not to wait for the tenth.",
            "“You should have taken the 12.”",
            next_step="School: the timetable",
        ),
    ),
    middle=(
        Note(
            "Meeting at {school}: teacher, SENCO, teaching assistant, {carer}. One timetable, one place, changed only by one person. The card is red and laminated.",
            kind="meeting",
            next_step="Look at it in two weeks",
        ),
        Note(
            "After school on purpose. Half past three until half past four in the den; I sat in the kitchen with {carer} and we drank the tea hot. At half past four {child} came out and asked for toast.",
            "“I am empty now. It is good.”",
            next_step="Keep the hour also on bad days",
        ),
        Note(
            "Watched at {school} from the back. Card used twice; once it was not seen. Told the supply teacher, who thanked me.",
            "“She put it in the bin.”",
            kind="school_visit",
            next_step="A spare card",
        ),
        Note(
            "The shop. Seven minutes. We forgot the milk and nobody minded.",
            "“There are four freezers and one of them hums in B.”",
            kind="accompanied",
            next_step="Again, with milk",
        ),
    ),
    setback=(
        Note(
            "Fire drill without warning. {child} was found in the car park by the police officer who knows trains. One day’s exclusion, which {carer} has challenged with my help.",
            "“It was not a real fire so why was it a real noise?”",
            next_step="Letter to the head; drills are announced to {him}",
        ),
    ),
    better=(
        Note(
            "No exclusion for seven weeks. The den is used less because it is there. {carer} went to the cinema with her sister.",
            "“I told the new teacher what the card is.”",
            next_step="Assessment letter has come",
        ),
        Note(
            "Assessment appointment went well; report in two months. The plan goes on whatever it says. Scores looked at on the train, at {child}’s wish.",
            "“That one is going up like the Settle line.”",
            kind="accompanied",
            next_step="Exit plan",
        ),
    ),
    review=(
        "One timetable now. Card works when it is seen.",
        "Afternoons calm. Keep the card, end the shop goal: achieved.",
    ),
    rationale="Needs help now, before any diagnosis. Family support with school; assessment goes its own way.",
    exit_plan={
        "in_place": "The hour, the card, one timetable.",
        "wider_family": "Grandparents every other Saturday.",
        "community": "Model railway club; parents’ group on Thursdays.",
        "school": "SENCO holds the timetable; drills are announced.",
        "if_things_slip": "Back to the hour of nothing for a week; ask SENCO what changed.",
        "back_in_touch": "Ring, or {carer} writes to the SENCO and she rings.",
        "who_stays": "SENCO",
    },
    family_view="Nobody waited for the label in the end.",
    partner="school_nurse",
    oldest=13,
)

ATTEND = Story(
    key="attend",
    reasons=(
        ("school", "school.attendance"),
        ("school", "school.exclusion_risk"),
        ("environment", "environment.community"),
    ),
    services=("attendance_support", "family_support"),
    worrying=(
        "{child}’s attendance is 61 per cent and falling. {He} leaves home in uniform and does not arrive. Last month {he} was "
        "seen with older young people at the retail park.",
        "{child} is on a part-time timetable after two suspensions and does not come for most of it. {carer} works from six and cannot see {him} leave.",
    ),
    tried="Letters, two meetings, a report card. A fine has been spoken of. Form tutor rings at nine.",
    going_well="{child} is good with {his} hands, mends bicycles for the street, and turns up for {his} uncle.",
    wants="For somebody to ask {him} and not me why.",
    child_says=("“They look at the door when I come in late.”", "“I am stupid in there and not stupid outside.”"),
    factors=(
        ("presenting", "Misses three days in five", "learning", True),
        ("predisposing", "Reading has been hard since primary school and was hidden with jokes", "learning", True),
        ("precipitating", "Moved down a set in September, away from friends", "learning", True),
        ("perpetuating", "Each day away makes the next lesson harder", "learning", True),
        ("perpetuating", "Money and company at the retail park", "safety", True),
        ("protective", "Bicycles; an uncle with a workshop", "people_around_us", True),
        ("protective", "{carer} and {child} still talk, at night, in the car", "relationships_in_the_family", False),
        (
            "predictive",
            "With reading help and one reason to come, half the days are back within six weeks; without, exclusion by spring",
            "learning",
            True,
        ),
    ),
    summary="It looks like defiance and is shame about reading. A reason to come, and help that nobody sees.",
    goals=(
        GoalWords(
            "Be there four days in five",
            "Through the gate by nine, with no comment at the door.",
            (("Meet at the corner at 8.30", "Attendance officer"), ("No remarks when late", "Form tutor")),
            factor="presenting",
        ),
        GoalWords(
            "Read without people watching",
            "Twenty minutes with the reading teacher, alone, during assembly.",
            (("Find the time", "SENCO"), ("Audiobook on the bus", "{child}")),
            factor="perpetuating",
        ),
        GoalWords(
            "Friday in the workshop",
            "If it is four days, Friday afternoon is bicycles.",
            (("Speak with school about Fridays", "Lead worker"), ("Sign the sheet", "Uncle")),
            factor="protective",
        ),
    ),
    first=(
        Note(
            "Found {child} mending a gear outside the flats, which was easier than a sitting room. Talked for an hour about gears. At the end {he} said that school is a place where you wait to be found out.",
            "“Ask me something about bikes, I know that.”",
            next_step="Uncle and the workshop",
        ),
    ),
    middle=(
        Note(
            "At the corner at half past eight, three days. Came twice. Nothing said on the third.",
            "“I saw you. I was on the other side.”",
            kind="school_visit",
            next_step="Tomorrow again",
        ),
        Note(
            "SENCO has found twenty minutes. Reading age is four years behind; {child} heard it from me, outside, and nodded.",
            kind="school_visit",
            next_step="Start on Monday",
        ),
        Note(
            "Visited the workshop with {carer}. Uncle signs the sheet like a contract. {carer} saw {child} explain brakes to a customer and turned away for a moment.",
            "“He lets me do the till.”",
            next_step="Friday, if four days",
        ),
        Note(
            "Telephone with {carer} at her break. The letter about the fine is on hold while the plan runs; I read it to her.",
            kind="phone",
            next_step="Meeting with the head of year",
        ),
    ),
    setback=(
        Note(
            "Three days away after a fight at the retail park. Not hurt. Told the community police officer what I may. {child} came to the corner on Thursday with a black eye and said nothing; we walked in together.",
            "“I came, didn’t I.”",
            next_step="Meeting about who is out there",
        ),
    ),
    better=(
        Note(
            "82 per cent this half-term. Nobody looks at the door now. Reading teacher says that {he} corrected her.",
            "“She said gear like jeer.”",
            kind="school_visit",
            next_step="College taster",
        ),
        Note(
            "College taster in engineering, with uncle. {child} asked when it starts.",
            "“You can read in there with your hands.”",
            kind="accompanied",
            next_step="Exit plan",
        ),
    ),
    review=("Corner works two days in three. Reading has begun.", "Attendance up by twenty points. Fridays stay."),
    rationale="Attendance with a reason that nobody had asked about. Attendance support daily at first, family support for {carer}.",
    exit_plan={
        "in_place": "Reading alone, Fridays, no remarks at the door.",
        "wider_family": "Uncle.",
        "community": "Bicycle workshop; community police officer knows the name.",
        "school": "Form tutor rings uncle, not {carer}’s work.",
        "if_things_slip": "Two days in a week: the corner again for a week.",
        "back_in_touch": "{child} has the number.",
        "who_stays": "Uncle",
    },
    family_view="Somebody asked {him} in the end.",
    partner="mainstream_school",
    youngest=11,
)

ARRIVED = Story(
    key="arrived",
    reasons=(
        ("environment", "environment.isolation"),
        ("school", "school.transition"),
        ("semh_cause", "semh_cause.confidence_resilience"),
    ),
    services=("family_support",),
    worrying=(
        "The family came to the city six months ago. {child} has hardly spoken at school, eats alone and was told by others to go home. "
        "{carer} does not leave the house without {him}, because {he} speaks for her.",
        "{child} interprets for {carer} at the doctor’s and the bank and misses school for it. At school {he} is alone at break. Neither knows anybody here.",
    ),
    tried="School has a buddy and an English group. {carer} came to one coffee morning and left after ten minutes.",
    going_well="{child} is ahead in mathematics. They sing together. {carer} was a seamstress and repairs everybody’s coats.",
    wants="A friend for {child}. English for me, so that {he} can be a child.",
    child_says=("“At home I am the adult and at school I am the baby.”", "“I know the answer but not the sentence.”"),
    factors=(
        ("presenting", "{child} is alone at break and silent in class", "people_around_us", True),
        ("presenting", "{child} interprets for {carer} everywhere", "routines", True),
        ("predisposing", "Left behind: grandparents, street, language", "identity_faith_and_culture", False),
        ("precipitating", "Came in the middle of the school year", "learning", True),
        ("perpetuating", "{carer}’s fear of speaking wrongly", "adults_wellbeing", False),
        ("perpetuating", "Remarks in the yard that staff have not heard", "safety", True),
        ("protective", "Singing, sewing, mathematics", "identity_faith_and_culture", False),
        ("protective", "A cousin’s family across the city", "people_around_us", False),
        (
            "predictive",
            "With interpreters in {his} place and one friend, {child} should be talking in class by summer",
            "learning",
            True,
        ),
    ),
    summary="A strong pair holding on to each other. Give each somebody else.",
    goals=(
        GoalWords(
            "Have a friend",
            "Somebody to eat with, three days a week.",
            (("Choir on Mondays", "{child}"), ("Sit at the same table", "Buddy")),
            factor="presenting",
        ),
        GoalWords(
            "I go to the doctor without {child}",
            "An interpreter is booked each time.",
            (("Ask for an interpreter, with the card", "{carer}"), ("English class at the centre", "{carer}")),
            factor="presenting",
        ),
        GoalWords(
            "Say the answer",
            "{child} answers aloud once a day.",
            (("Maths answers count first", "Class teacher"),),
            factor="perpetuating",
        ),
    ),
    first=(
        Note(
            "First visit with an interpreter, so that {child} could sit down. {carer} spoke for forty minutes; {child} heard some of it for the first time. They sang something at the end because I asked what the words on the wall were.",
            "“I did not have to say it for her.”",
            next_step="Interpreter card",
        ),
    ),
    middle=(
        Note(
            "English class with {carer}: found the room, met the teacher, sat at the back until the break and then did not.",
            kind="accompanied",
            next_step="Second class alone",
        ),
        Note(
            "Choir. {child} knew the tune by the second verse. The girl next to {him} asked how to say the name.",
            "“She says it nearly.”",
            kind="school_visit",
            next_step="Monday again",
        ),
        Note(
            "Told the head about the remarks, with {child}’s leave. She had not known and is dealing with it; assembly on Friday.",
            kind="meeting",
            next_step="Ask {child} in a week",
        ),
        Note(
            "Doctor, with the interpreter whom {carer} had booked herself by showing the card. {child} was in mathematics at that hour.",
            kind="accompanied",
            next_step="Bank next",
        ),
    ),
    setback=(
        Note(
            "Something was thrown at the door on Saturday. Reported with {carer} to the police by telephone interpreter. {child} asked whether we would go back. The cousins came and stayed.",
            "“Which back?”",
            next_step="Hate crime officer on Wednesday",
        ),
    ),
    better=(
        Note(
            "Eats with two others. One came home and was taught the song. {carer} measured her for a skirt.",
            "“She sings it wrong and it is better.”",
            next_step="Scores",
        ),
        Note(
            "{carer} told me in English that she has work two days a week, at the alterations shop. {child} did not help.",
            "“She said it all by herself.”",
            next_step="Exit plan",
        ),
    ),
    review=(
        "Interpreter card works. Friend is the next thing.",
        "Both have somebody. Reduce visits to every other week.",
    ),
    rationale="Newly arrived and alone. Family support with an interpreter; school acts on the remarks.",
    exit_plan={
        "in_place": "The card, the class, the choir.",
        "wider_family": "Cousins on Sundays.",
        "community": "Alterations shop; women’s sewing table at the centre.",
        "school": "Maths answers first; head checks the yard.",
        "if_things_slip": "Show the card and ring; the centre helps to ring.",
        "back_in_touch": "Ring and say the language; an interpreter rings back.",
        "who_stays": "English teacher",
    },
    family_view="My child is a child.",
    partner="voluntary_sector",
)

STORIES = (QUERY, ATTEND, ARRIVED)
