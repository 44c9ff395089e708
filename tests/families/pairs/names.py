"""First and last names of six communities, and how each is written by somebody else.

Written from public knowledge of which names are common in each language (registers of births and name days; usual
transliterations in British records). A tuple is one name: as its bearer writes it, then as others do. The people made
of them are invented. Nothing here is read by the program.
"""

ENGLISH = {
    "girls": [
        ("Abigail", "Abbie"), ("Catherine", "Kathryn", "Katie"), ("Charlotte", "Lottie"), ("Elizabeth", "Lizzie", "Beth"),
        ("Isabelle", "Isobel", "Izzy"), ("Megan", "Meghan"), ("Lily-Mae", "Lily Mae", "Lillymae"), ("Sophie", "Sofie"),
        ("Chloe", "Khloe"), ("Jessica", "Jess"), ("Rebecca", "Becky"), ("Hayley", "Haley", "Hailey"),
        ("Ava-Grace", "Ava Grace", "Ava"), ("Madison", "Maddison", "Maddie"), ("Eleanor", "Ellie"), ("Niamh", "Neve"),
        ("Victoria", "Vicky"), ("Aimee", "Amy"), ("Keira", "Kiera"), ("Samantha", "Sam"),
    ],
    "boys": [
        ("Thomas", "Tom", "Tommy"), ("William", "Billy", "Will"), ("Joseph", "Joe", "Joey"), ("Connor", "Conor"),
        ("Alexander", "Alex", "Xander"), ("Stephen", "Steven", "Steve"), ("Jayden", "Jaden"), ("Theodore", "Teddy", "Theo"),
        ("Callum", "Calum"), ("Finley", "Finlay", "Fin"), ("Matthew", "Mathew", "Matt"), ("Daniel", "Danny"),
        ("Jonathan", "Johnathan", "Jon"), ("Tommy-Lee", "Tommy Lee", "Tommylee"), ("Reece", "Rhys"), ("Benjamin", "Ben"),
        ("Christopher", "Chris"), ("Nathaniel", "Nate"), ("Kai", "Kye"), ("Sean", "Shaun"),
    ],
    "last": [
        ("Smith", "Smyth"), ("Clarke", "Clark"), ("Thompson", "Thomson"), ("Barraclough", "Barrowclough"),
        ("Holroyd", "Holdroyd"), ("Murgatroyd", "Murgatroid"), ("Greenwood", "Grenwood"), ("Sutcliffe", "Sutclife"),
        ("O'Brien", "OBrien", "O Brien"), ("McDonald", "MacDonald"), ("Pearson", "Peirson"), ("Hartley", "Heartley"),
        ("Whitaker", "Whittaker"), ("Shaw", "Shore"), ("Bailey", "Bayley"), ("Read", "Reid", "Reed"),
        ("Smith-Jones", "Smith Jones", "Jones"), ("Allan", "Allen"), ("Philips", "Phillips"), ("Stuart", "Stewart"),
    ],
}  # fmt: skip
POLISH = {
    "girls": [
        ("Katarzyna", "Kasia", "Katazyna"), ("Małgorzata", "Gosia", "Malgorzata"), ("Zuzanna", "Zuzia", "Susanna"),
        ("Agnieszka", "Aga", "Agnieska"), ("Aleksandra", "Ola", "Alexandra"), ("Joanna", "Asia"), ("Zofia", "Zosia", "Sofia"),
        ("Wiktoria", "Victoria"), ("Oliwia", "Olivia"), ("Julia", "Julka"), ("Magdalena", "Magda"), ("Weronika", "Veronica"),
        ("Barbara", "Basia"), ("Łucja", "Lucja", "Lucia"), ("Natalia", "Natalka"),
    ],
    "boys": [
        ("Krzysztof", "Krzysiek", "Kristof"), ("Jakub", "Kuba"), ("Szymon", "Simon", "Shimon"), ("Mateusz", "Matteusz"),
        ("Łukasz", "Lukas", "Lukash"), ("Wojciech", "Wojtek", "Voytek"), ("Paweł", "Pavel", "Pawel"), ("Bartosz", "Bartek"),
        ("Tomasz", "Tomek", "Thomas"), ("Michał", "Michael", "Michal"), ("Grzegorz", "Gregor", "Grzesiek"),
        ("Kacper", "Casper"), ("Piotr", "Peter", "Pyotr"), ("Andrzej", "Andrew", "Andzej"), ("Filip", "Philip"),
    ],
    "last": [
        ("Nowak", "Novak"), ("Wójcik", "Wojcik", "Vojcik"), ("Kowalski", "Kovalski"), ("Wiśniewska", "Wisniewski", "Visniewska"),
        ("Szymański", "Shimanski", "Szymanska"), ("Dąbrowska", "Dombrowska", "Dabrowski"), ("Kamińska", "Kaminski"),
        ("Lewandowski", "Levandowski"), ("Zieliński", "Zielinska", "Zelinski"), ("Woźniak", "Wozniak", "Vozniak"),
        ("Kaczmarek", "Kachmarek"), ("Grabowska", "Grabowski"), ("Jabłoński", "Jablonska", "Yablonski"),
        ("Majewski", "Mayewski"), ("Krawczyk", "Kravchik", "Krawcyk"),
    ],
}  # fmt: skip
CZECH = {
    "girls": [
        ("Zdeňka", "Zdenka", "Sdenka"), ("Kateřina", "Katka", "Katerina"), ("Eliška", "Elishka", "Eliska"),
        ("Tereza", "Terezka", "Theresa"), ("Lucie", "Lucy"), ("Veronika", "Verunka", "Veronica"), ("Šárka", "Sharka", "Sarka"),
        ("Alžběta", "Betka", "Alzbeta"), ("Markéta", "Marketa"), ("Jiřina", "Jirina"), ("Květa", "Kveta"), ("Anežka", "Anezka"),
    ],
    "boys": [
        ("Jiří", "Jirka", "Jiri"), ("Ondřej", "Ondra", "Ondrej"), ("Vojtěch", "Vojta", "Vojtech"), ("Tomáš", "Tomas", "Tomash"),
        ("Lukáš", "Lukas", "Lukash"), ("František", "Franta", "Frantisek"), ("Václav", "Vaclav", "Vasek"), ("Matěj", "Matej", "Matey"),
        ("Štěpán", "Stepan", "Shtepan"), ("Zdeněk", "Zdenek", "Sdenek"), ("Miroslav", "Mirek"), ("Jaroslav", "Jarda", "Yaroslav"),
    ],
    "last": [
        ("Novák", "Novakova", "Nowak"), ("Dvořáková", "Dvorak", "Dvorakova"), ("Svoboda", "Swoboda"), ("Procházka", "Prochazka", "Prohaska"),
        ("Kučera", "Kucera", "Kuchera"), ("Veselá", "Vesely"), ("Němcová", "Nemec", "Nemcova"), ("Růžička", "Ruzicka", "Ruzickova"),
        ("Beneš", "Benes", "Benesh"), ("Křížová", "Kriz", "Krizova"), ("Šimek", "Simek", "Shimek"), ("Pospíšil", "Pospisil", "Pospisilova"),
    ],
}  # fmt: skip
ROMA = {
    "girls": [
        ("Žaneta", "Zaneta", "Janeta"), ("Božena", "Bozena", "Bojena"), ("Ştefania", "Stefania", "Shtefania"), ("Mădălina", "Madalina"),
        ("Denisa", "Deniza"), ("Kvetoslava", "Kveta"), ("Ramona", "Romana"), ("Erika", "Erica"), ("Florica", "Florika"),
        ("Marcela", "Marzela"), ("Izabela", "Isabella"), ("Nicoleta", "Nikoleta"),
    ],
    "boys": [
        ("Ladislav", "Laco", "Ladislaw"), ("Gejza", "Geza"), ("Ștefan", "Stefan", "Shtefan"), ("Ionuț", "Ionut", "Yonuts"),
        ("Kevin", "Kewin"), ("Marián", "Marian"), ("Rostislav", "Rostik"), ("Milan", "Millan"), ("Gheorghe", "Georghe", "George"),
        ("Dušan", "Dusan", "Dushan"), ("Vasile", "Vasil"), ("Zoltán", "Zoltan"),
    ],
    "last": [
        ("Horváth", "Horvat", "Horwath", "Horvathova"), ("Lakatoš", "Lakatos", "Lakatosh"), ("Kováč", "Kovac", "Kovach", "Kovacova"),
        ("Žiga", "Ziga", "Zhiga", "Zigova"), ("Ciurar", "Churar"), ("Bílý", "Bily", "Bila"), ("Dunka", "Dunkova"), ("Giňa", "Gina", "Ginova"),
        ("Ferenc", "Ferencz", "Ferencova"), ("Mirga", "Mirgova"), ("Pușcașu", "Puscasu", "Pushkashu"), ("Tancoš", "Tancos", "Tankosh"),
        ("Balogh", "Balog", "Balogova"), ("Čonka", "Conka", "Chonka"),
    ],
}  # fmt: skip
URDU = {
    "girls": [
        ("Ayesha", "Aisha", "Aishah"), ("Fatima", "Fatimah", "Faatima"), ("Zainab", "Zaynab", "Zenab"), ("Khadija", "Khadeeja", "Kadija"),
        ("Maryam", "Mariam", "Meryam"), ("Sumaira", "Sumera"), ("Saira", "Sayra"), ("Nasreen", "Nasrin"), ("Bushra", "Boshra"),
        ("Iqra", "Ikra"), ("Hafsa", "Hafsah"), ("Noor", "Nur", "Nour"),
    ],
    "boys": [
        ("Mohammed", "Muhammad", "Mohamed", "Mohammad"), ("Usman", "Osman", "Uthman"), ("Hussain", "Hussein", "Husain"),
        ("Bilal", "Belal"), ("Faisal", "Faysal"), ("Imran", "Emran"), ("Qasim", "Kasim", "Qaasim"), ("Zubair", "Zubayr", "Zubeir"),
        ("Haroon", "Harun", "Haroun"), ("Shahid", "Shaheed"), ("Abdul Rahman", "Abdulrahman", "Abdur Rehman"), ("Yousaf", "Yusuf", "Yousuf"),
    ],
    "last": [
        ("Khan", "Kahn"), ("Hussain", "Hussein", "Husain"), ("Mahmood", "Mehmood", "Mahmud"), ("Akhtar", "Akhter", "Aktar"), ("Iqbal", "Ikbal"),
        ("Sheikh", "Shaikh", "Shekh"), ("Chaudhry", "Choudhury", "Chaudhary"), ("Mirza", "Meerza"), ("Begum", "Begam"), ("Rashid", "Rasheed"),
        ("Siddiqui", "Siddiqi", "Sidiqui"), ("Bibi", "Bibbi"), ("Ul-Haq", "Ulhaq", "Ul Haque"), ("Parveen", "Parvin"),
    ],
}  # fmt: skip
ARABIC = {
    "girls": [
        ("Layla", "Leila", "Laila"), ("Yasmin", "Yasmeen", "Jasmine"), ("Hanan", "Hanane"), ("Rania", "Raniya"), ("Samira", "Sameera"),
        ("Noura", "Nora", "Noora"), ("Salma", "Selma"), ("Jamila", "Gamila", "Djamila"), ("Huda", "Houda"), ("Amina", "Ameena", "Aminah"),
        ("Zahra", "Zahraa"), ("Dalal", "Dalaal"),
    ],
    "boys": [
        ("Ahmed", "Ahmad", "Ahmet"), ("Youssef", "Yusuf", "Yousef"), ("Khalid", "Khaled", "Halid"), ("Mustafa", "Moustafa", "Mostafa"),
        ("Tariq", "Tarek", "Tarik"), ("Omar", "Umar", "Omer"), ("Walid", "Waleed"), ("Abdelrahman", "Abdul Rahman", "Abdurrahman"),
        ("Ibrahim", "Ebrahim"), ("Jamal", "Gamal", "Djamal"), ("Suleiman", "Sulayman", "Soliman"), ("Karim", "Kareem"),
    ],
    "last": [
        ("Al-Hassan", "Alhassan", "El Hassan"), ("El-Masri", "Al Masri", "Elmasry"), ("Haddad", "Hadad"), ("Mansour", "Mansur"),
        ("Abdullah", "Abdallah"), ("Nasser", "Naser", "Nasir"), ("Saleh", "Salih"), ("Othman", "Osman", "Uthman"), ("Rahmani", "Rehmani"),
        ("Al-Sayed", "Elsayed", "Al Sayyid"), ("Darwish", "Darwich"), ("Khoury", "Khouri", "Kouri"), ("Qureshi", "Kureshi", "Qurashi"),
    ],
}  # fmt: skip
COMMUNITIES = {
    "english": ENGLISH, "polish": POLISH, "czech": CZECH, "roma": ROMA, "urdu": URDU, "arabic": ARABIC,
}  # fmt: skip
STREETS = (
    "Imaginary Crescent", "Invented Row", "Bracken Mount", "Hopwood Lane", "Copper Beech Avenue", "Larkfield Terrace",
    "Stonegate View", "Harehills Invented Road", "Ashby Grove", "Mill Race Street", "Kestrel Drive", "Old Tannery Close",
    "Windmill Rise", "Beckside Gardens", "Quarry Hill Place", "Victoria Mount", "Clifton Approach", "Roundhay Invented Way",
)  # fmt: skip
