"""Safety, home, money, caring for a parent."""

from demo.stories import GoalWords, Note, Story

SAFE = Story(
    key="safe",
    reasons=(("family", "family.domestic_abuse"), ("semh_cause", "semh_cause.trauma")),
    services=("family_support", "adult_counselling"),
    worrying=(
        "Police attended two weeks ago and {carer}’s former partner was arrested. {child} was upstairs. {He} has not left "
        "{carer}’s side since and jumps when the letterbox goes.",
        "{carer} told the school nurse that she has left a violent relationship. {child} saw some of it. They have moved and "
        "ask that the new address is given to nobody.",
    ),
    tried="A non-molestation order is in place. The domestic abuse service has a worker for {carer}; school has changed who may collect {child}.",
    going_well="They are safe tonight. {carer} has kept her job through all of it. {child} talks about what {he} wants to be.",
    wants="To stop being afraid in our own home, and for {child} to be a child again.",
    child_says=("“I check the door, then I can sleep.”", "“I should have gone down.”"),
    factors=(
        ("presenting", "{child} checks doors and windows every night", "safety", True),
        ("presenting", "{carer} does not open the door or the post", "adults_wellbeing", False),
        ("predisposing", "Three years of control that {child} learned to read", "relationships_in_the_family", True),
        ("precipitating", "The night of the arrest", "safety", False),
        ("perpetuating", "Messages through friends; the court date is not known", "safety", False),
        ("perpetuating", "{child} feels that it was {his} task to stop it", "children_s_feelings", True),
        ("protective", "{carer} acted, and has support", "adults_wellbeing", False),
        ("protective", "Her sister lives ten minutes away", "people_around_us", False),
        (
            "predictive",
            "With safety kept and the story told in words for a child, fear should ease; contact without support would undo it",
            "safety",
            False,
        ),
    ),
    summary="Safety first and for as long as it takes. {child} needs to hear that it was never {his} job.",
    goals=(
        GoalWords(
            "Feel safe in our house",
            "Doors are checked once, by {carer}, and then it is done.",
            (("Locks and chain fitted", "Housing officer"), ("Checking the door is {carer}’s task", "{carer}")),
            factor="presenting",
        ),
        GoalWords(
            "Know that it was not my fault",
            "{child} can say whose choice it was.",
            (("Read the book together", "Lead worker and {child}"),),
            factor="perpetuating",
        ),
        GoalWords(
            "Open the post",
            "{carer} opens it on Fridays, with company.",
            (("Friday coffee with the post", "{carer} and her sister"), ("Keep a folder for the court", "{carer}")),
            factor="presenting",
        ),
    ),
    first=(
        Note(
            "Visited with the domestic abuse worker, by agreement with {carer}; two of us, car parked round the corner. {carer} decided what was written down. Went through who may know the address. {child} showed me every lock.",
            "“This one is new. It is the best one.”",
            next_step="Speak with school about collection",
        ),
    ),
    middle=(
        Note(
            "{carer} spoke about the first time. Counselling is offered and she has said yes. We opened four letters; three were nothing and one was the hearing.",
            next_step="Go with {carer} to the solicitor",
        ),
        Note(
            "Went with {carer} to the solicitor and waited. She asked her own questions. Afterwards a bench and ten minutes of not talking.",
            kind="accompanied",
            next_step="Write down what was said while it is fresh",
        ),
        Note(
            "Seen at {school}. Read half the book. {child} stopped at the page with the stairs and told me {his} own stairs.",
            "“I counted them going down. I stopped at six.”",
            kind="school_visit",
            next_step="Second half, when {he} wants",
        ),
        Note(
            "Home. Door checked by {carer}; {child} watched from the bed with one eye. {He} corrected how she turned the key, and let her.",
            "“She does it nearly right.”",
            next_step="Four nights",
        ),
    ),
    setback=(
        Note(
            "He was seen near the school. Police told by school within minutes; order holds. {child} slept in the bath with a pillow. Safety plan gone through again, with the neighbour added.",
            "“I knew the car.”",
            next_step="Ring on Saturday morning",
        ),
    ),
    better=(
        Note(
            "The hearing is over and the order stands for two years. {carer} has bought a doorbell with a tune. {child} presses it for no reason.",
            "“It plays for friends as well.”",
            next_step="Plan fewer visits",
        ),
        Note(
            "Post is a small pile. {carer} opened it alone. {child} went to a sleepover and rang once.",
            "“Only to say the pizza.”",
            next_step="Exit plan with her sister",
        ),
    ),
    review=(
        "Safe this month; fear unchanged. Goal two begins when {child} wants.",
        "Order granted. Checking has nearly stopped.",
    ),
    rationale="Safe now and with the domestic abuse service. Family support for {child}’s fear, counselling offered to {carer}.",
    exit_plan={
        "in_place": "The order, the locks, the folder.",
        "wider_family": "Her sister has a key and a bed.",
        "community": "Women’s group on Tuesdays.",
        "school": "List of who may collect; the nurse knows.",
        "if_things_slip": "999 first. Then the domestic abuse service; then us.",
        "back_in_touch": "{carer} can ring at any time; the address stays with us and nobody else.",
        "who_stays": "Domestic abuse service",
    },
    family_view="I open the door and it is only the door.",
    partner="domestic_abuse",
)

HOUSING = Story(
    key="housing",
    reasons=(
        ("environment", "environment.housing_need"),
        ("environment", "environment.overcrowding"),
        ("environment", "environment.finance_debt"),
    ),
    services=("family_support",),
    worrying=(
        "The family of five lives in one bedroom with damp on two walls. {child} does homework on the stairs and is often ill. "
        "There are debts to the electricity company and {carer} tops up by five pounds.",
        "Notice has been given on the flat. {carer} has three jobs and no time for the forms. {child} fell asleep in class twice this week.",
    ),
    tried="School gives breakfast and has written to the landlord. A form to the council was sent back because a page was missing.",
    going_well="The children share everything and are proud of each other’s marks. {carer} is never late for parents’ evening.",
    wants="A dry room for the children, and to stop being afraid of the meter.",
    child_says=("“I do my spellings on the fourth stair because of the light.”", "“Mum eats later.”"),
    factors=(
        ("presenting", "Five people in one bedroom; damp; coughs", "home_and_money", False),
        ("presenting", "{child} is tired and behind with reading", "learning", True),
        ("predisposing", "Low pay, hours that change by message", "work", False),
        ("precipitating", "Rent went up in April; the meter debt followed", "home_and_money", False),
        ("perpetuating", "Forms in a language that {carer} reads slowly", "home_and_money", False),
        ("protective", "Hard work and pride; a close church and neighbours", "identity_faith_and_culture", False),
        ("protective", "{child} loves {school} and is there before it opens", "learning", True),
        (
            "predictive",
            "With the right band and a debt plan, a move within months; without, eviction in the new year",
            "home_and_money",
            False,
        ),
    ),
    summary="Nobody here needs parenting advice. They need the forms done right and somebody who stays on the telephone.",
    goals=(
        GoalWords(
            "A dry bedroom",
            "The right housing band, and the damp looked at.",
            (("Hand in the form with every page", "{carer} and lead worker"), ("Photograph the walls", "{child}")),
            factor="presenting",
        ),
        GoalWords(
            "Not be afraid of the meter",
            "A payment plan that leaves money for food.",
            (("Go to debt advice", "{carer} and lead worker"),),
            factor="precipitating",
        ),
        GoalWords(
            "A place for homework",
            "A table and a lamp, an hour a day.",
            (("Homework club on Mondays and Wednesdays", "School"),),
            factor="presenting",
        ),
    ),
    first=(
        Note(
            "First visit with an interpreter by telephone. Saw the bedroom, the wall and the meter. {carer} keeps every letter in a shoe box, in order. We sorted them into three piles; the thin pile is the one that matters.",
            "{He} held the torch for me.",
            next_step="Housing form, all pages",
        ),
    ),
    middle=(
        Note(
            "Form handed in at the office together; receipt in the shoe box. The officer asked for photographs, which {child} had taken.",
            kind="accompanied",
            next_step="Ring on the tenth working day",
        ),
        Note(
            "Forty minutes in the queue of the electricity company with {carer} beside me. Debt taken off the meter at three pounds a week; emergency credit tonight.",
            kind="phone",
            next_step="Debt advice on Thursday",
        ),
        Note(
            "Debt advice went with {carer} through everything. One benefit had never been claimed. {carer} did not believe it and asked three times.",
            kind="accompanied",
            next_step="Claim form",
        ),
        Note(
            "Homework club: {child} has a lamp of {his} own there. Reading went up two books since we began.",
            "“It has a switch on the string.”",
            kind="school_visit",
            next_step="Library card",
        ),
    ),
    setback=(
        Note(
            "The claim was refused for a missing signature. {carer} laughed, then did not. We wrote the appeal at the kitchen worktop, standing.",
            "“I know where to sign now.”",
            next_step="Appeal by the fourteenth",
        ),
    ),
    better=(
        Note(
            "Offered two bedrooms on the next road; same school. {carer} has been to look four times. {child} has measured the table.",
            "“It fits if the door opens out.”",
            next_step="Grant for beds",
        ),
        Note(
            "Moved. Boxes, and a lamp on the table. The meter shows eleven pounds and nobody looks at it.",
            "“Come and see the stairs. Nobody has to sit on them.”",
            next_step="Say goodbye in the new kitchen",
        ),
    ),
    review=("Form is in. Money first, because of the meter.", "Band awarded. Goal two achieved; keep one and three."),
    rationale="Housing and debt wear a strong family down. Family support for practical advocacy; debt advice alongside.",
    exit_plan={
        "in_place": "The debt plan, the benefit, two bedrooms.",
        "wider_family": "Neighbour from the old house has moved nearby.",
        "community": "Church lunch; advice centre on Thursdays.",
        "school": "Homework club, breakfast.",
        "if_things_slip": "Open the letter the day it comes; take it to the advice centre that Thursday.",
        "back_in_touch": "Ring the Cluster and say the reference on the card.",
        "who_stays": "Advice centre",
    },
    family_view="You did not do it for us, you did it with us. Now I can do the forms.",
    partner="debt_advice",
)

CARER = Story(
    key="carer",
    reasons=(("family", "family.young_carer"), ("family", "family.semh_parent")),
    services=("family_support", "adult_counselling"),
    worrying=(
        "{child} gets two younger ones to school before coming {himself}, late and without breakfast. {carer} has been low for "
        "a year and some days does not get up.",
        "{child} told the tutor that {he} does the shopping and the medicines. {carer} says that {he} is a good child and that she is ashamed.",
    ),
    tried="GP has changed {carer}’s tablets. Breakfast club takes the little ones three days a week.",
    going_well="They are kind to each other. {carer} helps with maths from the sofa and is good at it.",
    wants="To be the mum again. For {child} to go on the trip and not think about home.",
    child_says=(
        "“I know what face it is when I open the door.”",
        "“I like cooking. I do not like that it is always me.”",
    ),
    factors=(
        ("presenting", "{child} runs the mornings and the shopping", "routines", True),
        ("presenting", "{carer} is in bed two or three days a week", "adults_wellbeing", False),
        ("predisposing", "Depression after the youngest was born that was never treated", "adults_wellbeing", False),
        ("precipitating", "Her mother’s death a year ago", "relationships_in_the_family", False),
        ("perpetuating", "Fear that the children are taken away if she says how it is", "safety", False),
        ("perpetuating", "{child} does it so well that nobody sees it", "people_around_us", True),
        ("protective", "Honesty, humour, and a father who would help if asked", "relationships_in_the_family", False),
        ("predictive", "With treatment and shared mornings, {child} is at school on time by spring", "learning", True),
    ),
    summary="A child doing a parent’s work out of love. Lift the mornings off {him}, and help {carer} say it aloud.",
    goals=(
        GoalWords(
            "Mornings are mum’s again",
            "{carer} is up by seven on school days; {child} leaves at half past eight.",
            (("Alarm in the kitchen, not beside the bed", "{carer}"), ("Breakfast club five days", "School")),
            factor="presenting",
        ),
        GoalWords(
            "Something that is only mine",
            "{child} goes to the young carers’ group on Wednesdays.",
            (("Ask for a place", "Lead worker"), ("Grandfather sits with the little ones", "Grandfather")),
            factor="perpetuating",
        ),
        GoalWords(
            "Tell the doctor how it is",
            "{carer} says all of it at the next appointment.",
            (("Write the list beforehand", "{carer} and lead worker"), ("Go along", "Lead worker")),
            factor="presenting",
        ),
    ),
    first=(
        Note(
            "{carer} had got up for me and it cost her. {child} made tea in a pot with a cosy. I said early that nobody is here to take children away, and said it again at the end. {carer} asked whether I write that down; I wrote it down in front of her.",
            "“You can say it to me too.”",
            next_step="Breakfast club for five days",
        ),
    ),
    middle=(
        Note(
            "Wrote the list for the doctor with {carer}. It came to eleven lines. She crossed out two and wrote them again.",
            next_step="Appointment on Tuesday",
        ),
        Note(
            "Went with {carer} to the GP. She read the list aloud, all eleven. New tablets, a blood test, and counselling again.",
            kind="accompanied",
            next_step="Rest, and ring on Friday",
        ),
        Note(
            "{child} seen at {school}. Young carers’ group was loud and had a quiz. {He} came third and did not ring home until the end.",
            "“Everybody there can cook.”",
            kind="school_visit",
            next_step="Second Wednesday",
        ),
        Note(
            "Telephone at ten past seven, as agreed: {carer} answered. {child} was shouted at for leaving a shoe in the hall, and told me so with joy.",
            "“A normal shout.”",
            kind="phone",
            next_step="Same time on Monday",
        ),
    ),
    setback=(
        Note(
            "The anniversary. Three days in bed. {child} did not tell school but did tell me. Grandfather came with soup and stayed the night; {carer} let him.",
            "“I texted the word.”",
            next_step="Put the day in next year’s calendar",
        ),
    ),
    better=(
        Note(
            "Up by seven, eighteen school days of twenty. {child} went on the trip, two nights, and sent one photograph of a sheep.",
            "“I forgot to worry on the second day.”",
            next_step="Scores together",
        ),
        Note(
            "{carer} came to parents’ evening and sat in the front. Counselling goes on.",
            "“She asked more questions than anyone.”",
            kind="meeting",
            next_step="Exit plan",
        ),
    ),
    review=(
        "Breakfast club every day. Doctor’s list done. Mornings next.",
        "Mornings are mum’s. Counselling goes on; family support may end by the holidays.",
    ),
    rationale="A young carer, and a mother with untreated depression. Family support now; adult counselling offered.",
    exit_plan={
        "in_place": "Breakfast club, tablets, the alarm in the kitchen.",
        "wider_family": "Grandfather on Wednesdays and on the anniversary.",
        "community": "Young carers’ group.",
        "school": "Tutor knows the word.",
        "if_things_slip": "{child} texts the word to grandfather; {carer} rings the GP.",
        "back_in_touch": "Any of them can ring, the children too.",
        "who_stays": "Grandfather",
    },
    family_view="I am not better yet but I am up.",
    partner="young_carers",
    youngest=9,
)

STORIES = (SAFE, HOUSING, CARER)
