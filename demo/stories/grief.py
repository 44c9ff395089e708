"""Loss, and low mood."""

from demo.stories import GoalWords, Note, Story

LOSS = Story(
    key="loss",
    reasons=(
        ("semh_cause", "semh_cause.bereavement"),
        ("semh_presenting", "semh_presenting.sleep"),
        ("semh_presenting", "semh_presenting.low_mood"),
    ),
    services=("family_support", "childrens_therapy"),
    worrying=(
        "{child}’s grandfather, who lived with the family, died in the winter. Since then {he} sleeps in {carer}’s bed, eats "
        "little and has stopped seeing friends after school.",
        "There has been a death in the family that nobody can talk about at home. {child} asked {his} teacher whether "
        "people can die from being sad.",
    ),
    tried="School has a bereavement box and a teaching assistant who lost her own father. {carer} has tried to be strong and not to cry.",
    going_well="The family eats together every evening. {child} keeps {his} grandfather’s garden watered.",
    wants="To be able to say his name at home, and for {child} to sleep in {his} own bed.",
    child_says=("“If I talk about it mum’s face goes.”", "“I was at school when it happened.”"),
    factors=(
        (
            "presenting",
            "Does not sleep alone; wakes at two and checks that {carer} breathes",
            "children_s_feelings",
            True,
        ),
        ("presenting", "Has stopped playing out", "people_around_us", True),
        (
            "predisposing",
            "Grandfather looked after {child} from a baby while {carer} worked nights",
            "relationships_in_the_family",
            True,
        ),
        ("precipitating", "He died in February while {child} was at school", "relationships_in_the_family", True),
        ("perpetuating", "Nobody says his name, each to protect the other", "relationships_in_the_family", False),
        ("perpetuating", "{carer} has gone back to nights and is worn out", "work", False),
        (
            "protective",
            "Faith and community: the hall is full of people who knew him",
            "identity_faith_and_culture",
            False,
        ),
        ("protective", "A garden that still grows", "people_around_us", True),
        (
            "predictive",
            "With room to grieve together, sleep should return before the spring",
            "children_s_feelings",
            True,
        ),
    ),
    summary="Two people are grieving alone in one house. The work is to let them do it together.",
    goals=(
        GoalWords(
            "Sleep in my own bed",
            "Five nights in seven, with the door open.",
            (("Story and lamp at eight", "{carer}"), ("Keep grandfather’s blanket on the bed", "{child}")),
            factor="presenting",
        ),
        GoalWords(
            "Talk about grandad",
            "His name is said at home and nobody leaves the room.",
            (("Make the memory book on Sundays", "{carer} and {child}"),),
            factor="perpetuating",
        ),
        GoalWords(
            "Play out again",
            "{child} sees a friend twice a week.",
            (("Ask a friend to help in the garden", "{child}"), ("Speak with the friend’s mother", "{carer}")),
            factor="protective",
        ),
    ),
    first=(
        Note(
            "First visit. His chair stands where it stood. I asked who he was and for a while nobody answered; then {child} fetched the watering can. {carer} cried and stayed in the room. Agreed that crying is allowed when I am there, and afterwards too.",
            "“He called me boss.”",
            next_step="Bring an empty book",
        ),
    ),
    middle=(
        Note(
            "Began the memory book. {child} wanted the first page to be the shed. {carer} told a story that {child} had not heard.",
            "“I did not know that he was naughty.”",
            next_step="A page each until next week",
        ),
        Note(
            "{carer} alone, after a night shift. She has not cried since the funeral because of the children. Spoke about the counselling offer; she would like to think about it.",
            kind="phone",
            next_step="Ask again about counselling",
        ),
        Note(
            "Saw {child} at {school}. The teaching assistant has a key to the library at lunch. {He} spoke about the day itself and about the last thing {he} said to him.",
            "“I said see you later.”",
            kind="school_visit",
            next_step="Tell {carer}, with {child}’s leave",
        ),
        Note(
            "Garden visit. A friend came to water. Two children and a hose; no work was done and all of it was work.",
            "“He would have shouted about the wet.”",
            next_step="Second friend",
        ),
    ),
    setback=(
        Note(
            "The birthday. {child} did not go to school and {carer} did not go to work. They visited the grave and did not speak. Both ashamed to tell me; we talked about days that are allowed to be bad.",
            "“It was the first one without the song.”",
            next_step="Plan the next hard day beforehand",
        ),
    ),
    better=(
        Note(
            "Own bed for nine nights. The chair has been moved to the window and {child} reads in it.",
            "“It still smells.”",
            next_step="Fewer visits",
        ),
        Note(
            "Looked through the finished book. {carer} read the last page aloud and got to the end.",
            "“You can borrow it but bring it back.”",
            next_step="Exit plan",
        ),
    ),
    review=(
        "Name is said now; sleep unchanged. Add the lamp and the blanket.",
        "Sleeping alone most nights. Therapy has begun and goes on without us changing the plan.",
    ),
    rationale="A death that the family cannot yet speak about. Family support now, children’s therapy in order of waiting.",
    exit_plan={
        "in_place": "The memory book, the lamp, crying allowed.",
        "wider_family": "Uncle comes on Sundays to the garden.",
        "community": "The hall’s children’s group; the allotment society.",
        "school": "Library at lunch; the teaching assistant marks the hard days in her diary.",
        "if_things_slip": "Before a birthday or the day in February: plan the day, tell school, ring uncle.",
        "back_in_touch": "Through the teaching assistant or straight to the Cluster.",
        "who_stays": "Uncle",
    },
    family_view="We say his name now.",
    partner="voluntary_sector",
    youngest=6,
)

LOW = Story(
    key="low",
    reasons=(
        ("semh_presenting", "semh_presenting.low_mood"),
        ("semh_presenting", "semh_presenting.self_harm"),
        ("semh_presenting", "semh_presenting.friendships"),
    ),
    services=("childrens_therapy", "family_support"),
    worrying=(
        "{child} told a friend that {he} scratches {his} arms when it gets too much. Head of year spoke with {carer} the same "
        "day. {He} is tired, has dropped football and eats lunch in the library.",
        "Marks have fallen, friends have changed, and {child} stays in {his} room. {carer} found scratches and does not know "
        "whether to ask about them.",
    ),
    tried="GP seen; no immediate risk found and a safety plan written with the school nurse. Pastoral team checks in twice a week.",
    going_well="{child} writes songs, and shows them to {carer}. Comes down for tea. Agreed to this referral and read it.",
    wants="To know that {child} is safe, and how to talk without making it worse.",
    child_says=("“It is loud in my head and then it is quiet.”", "“I do not want everybody to know.”"),
    factors=(
        ("presenting", "Scratches {his} arms once or twice a week, at night", "children_s_feelings", True),
        ("presenting", "Left football and the old friends in autumn", "people_around_us", True),
        ("predisposing", "Always the one who kept the peace", "relationships_in_the_family", True),
        ("precipitating", "A falling out that went round the year group by phone", "people_around_us", True),
        ("perpetuating", "Phone in bed until two", "routines", True),
        (
            "perpetuating",
            "{carer} asks, {child} shuts the door, {carer} asks louder",
            "relationships_in_the_family",
            False,
        ),
        ("protective", "Songs; one friend who stayed", "people_around_us", True),
        ("protective", "Came forward and agreed to help", "children_s_feelings", True),
        (
            "predictive",
            "With sleep and one safe person at school, less harm within weeks; without, a move to more serious harm is possible",
            "safety",
            True,
        ),
    ),
    summary="Harm is a way to stop the noise. Safety plan first, then sleep, then friends.",
    goals=(
        GoalWords(
            "Have something else for the loud nights",
            "{child} uses the list before {he} scratches.",
            (("Keep the list in the phone case", "{child}"), ("Lock medicines away", "{carer}")),
            factor="presenting",
        ),
        GoalWords(
            "Sleep before midnight",
            "Phone charges in the kitchen from ten.",
            (("Everybody’s phone in the kitchen, {carer}’s too", "All of us"),),
            factor="perpetuating",
        ),
        GoalWords(
            "One lunch a week not in the library",
            "{child} eats with somebody on Thursdays.",
            (("Ask the friend from music", "{child}"), ("Keep the practice room free", "Head of year")),
            factor="protective",
        ),
    ),
    first=(
        Note(
            "Met {child} at {school} first, as {he} had asked, then with {carer} at home. Went through the safety plan line by line and changed two lines that were not {his} words. Agreed what I tell {carer} and what I do not, and that harm that is getting worse I will always tell.",
            "“You can tell her that it was me who asked.”",
            kind="school_visit",
            next_step="Check the safety plan every time",
        ),
    ),
    middle=(
        Note(
            "Safety plan checked: used twice, once it was enough. Made the list of things for loud nights; the ice in the freezer is silly and works.",
            "“The song one takes longer but it lasts.”",
            kind="school_visit",
            next_step="Phone in the kitchen",
        ),
        Note(
            "With {carer}. She has stopped asking at the door and started leaving tea outside it. On Thursday the door opened. We practised saying what she sees instead of what she fears.",
            next_step="Ten minutes a day of something that is not about it",
        ),
        Note(
            "Walked round the park with {child}. Told me about the group chat and who sent what. Does not want it reported now; knows that it can be.",
            "“They have forgotten. I have not.”",
            next_step="Ask again about head of year",
        ),
        Note(
            "Home visit at tea. All phones in the basket, the youngest has become the guard. Sleep from one to about half past eleven.",
            "“Mum was worse than me.”",
            next_step="Thursday lunch",
        ),
    ),
    setback=(
        Note(
            "{child} harmed {himself} again after a message at the weekend, more than before. Told {carer} {himself} at once, as the plan says. Seen by the GP on Monday; not deep. Spoke with my supervisor the same day. Therapist told.",
            "“I did tell. That is different from last time.”",
            next_step="GP on Friday; daily message until then",
        ),
    ),
    better=(
        Note(
            "Four weeks without. The practice room on Thursdays has become three people. Played me the new song, which has a chorus.",
            "“It is not about that.”",
            kind="school_visit",
            next_step="Read the scores with {carer}",
        ),
        Note(
            "Review with {carer}, head of year and therapist. {child} chaired the second half.",
            "“I would like to stop on a good week.”",
            kind="meeting",
            next_step="Exit plan, with the list",
        ),
    ),
    review=(
        "Safety plan holds. Sleep is the next thing.",
        "Four weeks without harm. Family support may go down to every other week; therapy continues.",
    ),
    rationale="Low mood with self-harm, safety plan in place, GP involved. Therapy, with family support for {carer} meanwhile.",
    exit_plan={
        "in_place": "The list, the basket, the Thursday room.",
        "wider_family": "Older cousin, day or night.",
        "community": "Open mic at the arts centre.",
        "school": "Head of year knows the plan and the signs.",
        "if_things_slip": "The list; then {carer}; then the GP the same day, or 111.",
        "back_in_touch": "{child} can ring {himself}.",
        "who_stays": "Head of year",
    },
    family_view="I know what to say now, and when to say nothing.",
    partner="camhs",
    youngest=12,
)

STORIES = (LOSS, LOW)
