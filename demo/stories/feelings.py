"""Worry and anger."""

from demo.stories import GoalWords, Note, Story

MORNINGS = Story(
    key="mornings",
    reasons=(("semh_presenting", "semh_presenting.anxiety"), ("school", "school.attendance")),
    services=("family_support",),
    worrying=(
        "{child} cries at the school gate most mornings and holds on to {carer}. {He} complains of stomach aches that "
        "the GP cannot explain. Three mornings last week {he} did not come in at all.",
        "Attendance has dropped since the summer. {child} tells staff that something bad will happen at home while "
        "{he} is in class, and asks several times a day whether {carer} is all right.",
    ),
    tried="School has offered a soft start with the learning mentor and a place at breakfast club. It helped for two weeks.",
    going_well="Once in the classroom {child} settles, has two close friends and loves art. {carer} answers every call from school.",
    wants="Mornings without shouting, and to know what to do when {child} will not get out of the car.",
    child_says=("“My tummy hurts when it is nearly time to go.”", "“I want mum to wait where I can see her.”"),
    factors=(
        ("presenting", "{child} refuses the school gate three mornings in five", "learning", True),
        ("presenting", "{carer} dreads the mornings and shouts, then feels guilty", "adults_wellbeing", False),
        ("predisposing", "{child} has been watchful and slow to settle since nursery", "children_s_feelings", True),
        ("predisposing", "{carer} was often kept off school herself", "relationships_in_the_family", False),
        (
            "precipitating",
            "{carer} spent a week in hospital in June; {child} was told on the day",
            "physical_health",
            False,
        ),
        ("perpetuating", "Staying at home makes the worry stop, so it comes back the next day", "routines", True),
        ("perpetuating", "Nobody else can take {child} to school", "people_around_us", False),
        (
            "protective",
            "Warm and honest with each other; {carer} notices small signs",
            "relationships_in_the_family",
            False,
        ),
        ("protective", "The learning mentor at {school} knows {child} well", "learning", True),
        (
            "predictive",
            "Without help: a place on roll that is never used. With it: steady mornings by half-term",
            "learning",
            True,
        ),
    ),
    summary="{child}’s worry is about {carer}, not about school. Short, certain partings and news at playtime are the way in.",
    goals=(
        GoalWords(
            "Get to school without tears",
            "{child} walks in with the learning mentor by ten to nine, four days in five.",
            (
                ("Pack the bag and lay clothes out the evening before", "{carer} and {child}"),
                ("Meet {child} at the side door", "Learning mentor"),
            ),
            factor="presenting",
        ),
        GoalWords(
            "A calm half hour before we leave the house",
            "No shouting between waking up and the front door.",
            (("Use the picture list on the fridge", "{child}"), ("Get up twenty minutes earlier", "{carer}")),
            factor="perpetuating",
        ),
        GoalWords(
            "Know that mum is all right",
            "{child} can say what {he} worries about and what helps.",
            (
                ("Worry time for ten minutes after tea", "{carer} and {child}"),
                ("A message from {carer} at playtime, read out by the mentor", "School"),
            ),
            factor="precipitating",
        ),
    ),
    first=(
        Note(
            "First visit, at home. {carer} told the story of the summer: the hospital week came without warning and {child} "
            "was woken in the night to go to a neighbour. {child} drew throughout and listened to every word. We agreed to "
            "look at mornings first, because that is what hurts most.",
            "{He} showed me the drawing: a school with no door.",
            next_step="Meet the learning mentor about the side door",
        ),
    ),
    middle=(
        Note(
            "Went through the morning minute by minute with {carer}. The hard moment is the coat, not the bed. We made a picture list together; {child} chose the pictures and put the coat before the breakfast.",
            "“If the coat is on it is already decided.”",
            next_step="Try the picture list for a week",
        ),
        Note(
            "Telephone, after drop-off. Tears for four minutes, then in with the mentor. {carer} walked away without turning round, which she called the hardest thing this year.",
            kind="phone",
            next_step="Keep to the short goodbye",
        ),
        Note(
            "Seen at {school} with the learning mentor. Came in on time on four of the last five days. The playtime message is read out and {child} keeps the slips in {his} tray.",
            "“I have eleven of them.”",
            kind="school_visit",
            next_step="Let the messages go down to one a day",
        ),
        Note(
            "Home visit. Worry time is in place after tea. The worry this week was whether the car would start. {carer} let it be talked about without fixing it.",
            "“It is smaller when I say it.”",
            next_step="Plan the return after half-term",
        ),
        Note(
            "{carer} came without {child} to think about her own school days. She was kept at home to look after her mother and has never told anybody at {school}.",
            next_step="Ask the aunt about two mornings a week",
        ),
    ),
    setback=(
        Note(
            "A hard week after the bank holiday: two days missed. {carer} went back to waiting at the window because {child} begged. We looked at what had been different (a late night, no list) rather than at whose fault it was.",
            "“I forgot how to do it.”",
            next_step="Start again with the list on Sunday evening",
        ),
    ),
    better=(
        Note(
            "Three weeks without a day missed. The side door is no longer needed; {child} goes in with a friend. {carer} has begun a course on Tuesday mornings.",
            "“I do not look back now, I do the robot walk.”",
            next_step="Think about what stays when I stop coming",
        ),
        Note(
            "Saw the family together to look at the scores. {child} explained the line to {carer} and found the dip after the holiday without being told.",
            "“That is where we forgot the list.”",
            next_step="Write the exit plan together",
        ),
    ),
    review=(
        "Gate is better, mornings still loud. Keep the list, add Sunday evening.",
        "Goals one and two nearly met. Third goal goes on; messages once a day.",
    ),
    rationale="Anxiety about parting with a clear beginning. Family support for mornings; school keeps the soft start.",
    exit_plan={
        "in_place": "The picture list, the short goodbye and worry time after tea.",
        "wider_family": "Aunt takes {child} to school on Tuesdays and Thursdays. Grandmother rings on Sunday evening.",
        "community": "Art club at the community centre on Saturdays.",
        "school": "Learning mentor looks in on Mondays and after every holiday.",
        "if_things_slip": "Two days missed in a week: back to the side door and the playtime message, and tell the mentor the same day.",
        "back_in_touch": "Ring the Cluster, or ask the mentor to. No new form is needed in the first year.",
        "who_stays": "Learning mentor",
    },
    family_view="We laugh in the car again. I know now that waiting at the window made it worse.",
    partner="mindmate",
    oldest=12,
)

ANGER = Story(
    key="anger",
    reasons=(
        ("semh_presenting", "semh_presenting.anger"),
        ("semh_presenting", "semh_presenting.behaviour_at_home"),
        ("semh_cause", "semh_cause.separation"),
    ),
    services=("family_support",),
    worrying=(
        "{child} hits out at home when told no, and has broken a door. {carer} says that the evenings are like walking on "
        "glass. At school {he} is quiet and well behaved.",
        "Since {his} father moved out {child} has become angry with everybody at home. {carer} has locked herself in the "
        "bathroom twice until it passed.",
    ),
    tried="{carer} has taken the tablet away, given it back, and moved bedtime. The school nurse gave a leaflet about anger.",
    going_well="{child} is gentle with the dog and with younger children, and says sorry without being asked.",
    wants="To get through an evening without a fight, and for {child} to see {his} father without it ending in shouting.",
    child_says=("“It goes red and then it is too late.”", "“Nobody tells me what is happening.”"),
    factors=(
        ("presenting", "Shouting and hitting out at home four evenings a week", "boundaries", True),
        ("predisposing", "Arguments between the parents over several years", "relationships_in_the_family", False),
        (
            "precipitating",
            "Father moved out in spring; {child} heard it from a cousin",
            "relationships_in_the_family",
            True,
        ),
        ("perpetuating", "Visits are arranged on the day, by message, through {child}", "routines", True),
        ("perpetuating", "Consequences change from evening to evening", "boundaries", False),
        (
            "protective",
            "{child} and {carer} cook together on Sundays and enjoy it",
            "relationships_in_the_family",
            False,
        ),
        ("protective", "Father wants to be part of the plan but has never been asked", "people_around_us", False),
        (
            "predictive",
            "With certain visits and the same rules, anger should fall within two months",
            "children_s_feelings",
            True,
        ),
    ),
    summary="The anger is about not knowing. It is worst on the days when a visit might or might not happen.",
    goals=(
        GoalWords(
            "Evenings without hitting",
            "When it goes red {child} goes to the yard and {carer} waits five minutes.",
            (
                ("Agree a word that means stop", "{child} and {carer}"),
                ("Put the rules on one sheet of paper", "{carer}"),
            ),
            factor="presenting",
        ),
        GoalWords(
            "Know when I see dad",
            "Visits are the same day every week and written on the calendar.",
            (
                ("Speak with father about fixed days", "Lead worker"),
                ("Write the calendar on the first of the month", "{carer}"),
            ),
            factor="perpetuating",
        ),
        GoalWords(
            "Say it before it explodes",
            "{child} uses the feelings scale once a day.",
            (("Fill in the scale at tea time", "{child}"),),
            factor="predictive",
        ),
    ),
    first=(
        Note(
            "Met {carer} and {child} at home; the broken door has been mended with tape. {carer} cried when she said that she is sometimes afraid. {child} went upstairs and came back with the dog. Nobody has spoken with the father yet; {carer} agrees that I do.",
            "“Are you here because I am bad?”",
            next_step="Ring father",
        ),
    ),
    middle=(
        Note(
            "Spoke with father by telephone for the first time. He did not know about the door. He would like Wednesdays and every other weekend and can keep to that with his shifts.",
            kind="phone",
            next_step="Write down the days and show both parents",
        ),
        Note(
            "Worked with {child} on the red scale. {He} can now name three, five and eight; eight is when the arms go hot. We practised going out at five, not at eight.",
            "“At five I can still hear you.”",
            next_step="Use the word at home three times",
        ),
        Note(
            "Visit in the early evening on purpose. Saw the word used: {child} went to the yard, kicked the wall, came back. {carer} kept quiet and then carried on with the dishes.",
            "“She did not follow me this time.”",
            next_step="Notice what happens ten minutes before",
        ),
        Note(
            "Meeting at {school} with the class teacher, who sees none of this. {child} works hard all day to keep it in, and the teacher will give {him} a quiet job at the end of the afternoon.",
            kind="school_visit",
            next_step="Ask how the last hour goes",
        ),
        Note(
            "Both parents sat at one table for the first time since spring. {child} was asked where the calendar should hang.",
            "“On the fridge, so that I see it when I am cross.”",
            next_step="First weekend by the calendar",
        ),
    ),
    setback=(
        Note(
            "Father’s shift changed and the visit was cancelled an hour before. A window was broken and {carer} rang the out-of-hours number. No injuries. {child} slept at {his} grandmother’s. We talked about a promise that cannot be kept being worse than none.",
            "“He said it was sure.”",
            next_step="Agree who rings, and when, if a visit falls through",
        ),
    ),
    better=(
        Note(
            "Five evenings in seven without a fight. The word has become a joke between them. {carer} has slept through.",
            "“We say pineapple.”",
            next_step="Look at the scores with father too",
        ),
        Note(
            "Family meeting with both parents. {child} took the pen and wrote the last line of the plan.",
            "“I did not think that they would both come.”",
            next_step="Plan the ending",
        ),
    ),
    review=(
        "Fixed days agreed with father; too early to see a change at home.",
        "Hitting has stopped for three weeks. Keep the calendar, end goal three.",
    ),
    rationale="Anger at home after a parting that nobody explained. Family support with both parents from the start.",
    exit_plan={
        "in_place": "The word, the yard, the calendar on the fridge.",
        "wider_family": "Father, every Wednesday and every other weekend. Grandmother’s sofa when it is too much.",
        "community": "Boxing gym on Thursdays, with a coach who knows.",
        "school": "Quiet job at the end of the day.",
        "if_things_slip": "Use the sheet of rules again for a week; both parents speak on the same evening.",
        "back_in_touch": "Ring the Cluster within the first year and ask for the same worker.",
        "who_stays": "Grandmother",
    },
    family_view="{He} still gets cross but comes back by {himself}. {His} dad is in it now; that made the difference.",
    partner="mindmate",
    youngest=6,
)

STORIES = (MORNINGS, ANGER)
