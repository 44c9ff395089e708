"""Short and pet forms of first names, and the same name in the languages of our families.

Written from what is commonly known of these names; each line is one name in many mouths. Folded spellings: no accents,
lower case. A form may belong to several names (Ali, Alex).
"""

_NAMES = """
abigail abbie abby gail
ada adele adelaide addie
adam adas adamek edem
agnieszka aga agnes agi
alexander alex alec sandy aleksander alexandru alek olek sasha xander lex
alexandra alex alexa sandra sasha ola aleksandra lexi lexie ola olenka
alfred alfie alf fred freddie
alice alicja ala alicia alisa
alison ali allie
amelia amy milly millie emilia emily mela
andrew andy drew andrzej andrej ondrej andrei andrzejek jedrek
angela angie angelika
anna ann anne annie ania anka hanna hannah anicka anca ana aneta anita annika
anthony tony ant antoni antonin antek anton
archibald archie
arthur art artie artur
barbara barb barbie basia bara barbora bozka
bartholomew bart bartosz bartek bartlomiej
beatrice bea trixie beata
benjamin ben benny benji beniamin
bethany beth bethan
bartosz bartek
bridget bridie biddy brygida
cameron cam
caroline carrie caro karolina karolinka
catherine cath cathy kate katie kathryn katherine katarzyna katerina ecaterina catalina caitlin kitty
katarzyna kasia kaska kasienka kaya katka katerina kate
charles charlie chas chuck karel karol carol
charlotte charlie lottie lotte sharlota
christina chris tina chrissy kristina krystyna krysia christine kirsty cristina
christopher chris kit topher krzysztof krzys krystof krysztof kristof
claire clare klara
daniel dan danny dani danek
david dave davey dawid davy davo
deborah deb debbie
dominic dom nick dominik
dorothy dot dottie dorota dorotka
edward ed eddie ned ted teddy edek eduard
eleanor ellie nell nora elena elinor
elizabeth liz lizzie beth betty eliza libby elsie elspeth elzbieta ela alzbeta betka eliska elisabeta
emma em emmie ema
ewa eva eve evie evka ewka
francesca fran frankie fran franciszka
francis frank frankie franciszek franek frantisek
frederick fred freddie freddy bedrich fryderyk
gabriel gabe gabi gabrys gabor
gabrielle gabby gabi gabriela
george georgie jerzy jiri jurek jirka gheorghe george iuri juraj
georgina georgie georgia gina
grace gracie
gregory greg gregor grzegorz grzesiek grzes rehor
harold harry hal
harriet hattie harrie
helen nell helena helenka lena elena hela
henry harry hal henryk heniek jindrich
ian iain
isaac izak zac
isabella bella izzy isabel isabelle izabela iza izabella
jacob jake jakub kuba kubus jakubko yakub yaqub iacob
james jim jimmy jamie
jane janie jana janka janina
jennifer jen jenny jenna
jessica jess jessie
joanna jo asia joasia johana joana joanne
john johnny jack jan janek honza jon ion jonny johnnie ivan ioan jano
jonathan jon jonny johnny
joseph joe joey jozef josef jozek pepa yusuf yousef iosif jozko
joshua josh
julia julie jules julka julcia iulia
juliana julie jula
justyna justine justina
kacper casper kasper kacperek
kenneth ken kenny
kimberley kim kimmy
laura lora laurie
lawrence larry lawrie wawrzyniec
leonard leo len lenny leon
lewis lew louis lou ludwik
lillian lily lilly lil liliana lilka
ladislav laco lada vladislav laci
louise lou lulu luiza
lucy lucie lucja lucia lucka
luke lukas lukasz lukasek luca
maciej maciek matthias matej matyas macius
madeline maddie maddy magdalena madeleine madison
malgorzata gosia malgosia margaret
magdalena magda madzia lena majda
margaret maggie meg peggy daisy marge marketa greta margareta
maria mary marie mariya maryam mariam miriam marysia maruska marika marijka mia molly
mark marek marko marc
martin marty marcin martinek
martha marta martinka
matilda tilly mattie
matthew matt matty mateusz matous mati matei
maximilian max maks maksymilian maxim maksim
michael mike mickey mick michal michalek misko mihai mihail misiek mikey
michelle shelly michaela
miroslav mirek miro
nadia nadya nadezda nada
natalie nat natalia natalka natasha
nathaniel nathan nate nat
nicholas nick nicky mikolaj mikulas nico nicolae niculae mikus
nicola nicky nikola nikki
oliver ollie olly oliwier oliver
olivia liv livvy olive oliwia oliwka
patricia pat patty trish tricia patrycja
patrick pat paddy patryk
paul pawel pavel pablo pawelek pali
penelope penny
peter pete petr piotr piotrek pietrek petru petrica peto
philip phil pip filip filipek
philippa pip pippa
rachel rach rae rachela
rebecca becky becca beck rebeka
richard rich rick ricky dick dickie ryszard rysiek
robert rob bob bobby robbie robin berti
ronald ron ronnie
rosemary rosie rose
samantha sam sammy
samuel sam sammy samko
sarah sally sadie sara sarka
sebastian seb bastian seba
simon si szymon simeon szymek simion sime
sophia sophie sophy zofia zosia zofie zofka sofia
stanislav stan stanislaw staszek stano stas
stephen steve stevie steven stefan stepan szczepan stefanek
stephanie steph stefania
susan sue susie suzanna zuzanna zuzana zuza zuzka
teresa terri tess tessa terezia tereza terka
theodore theo ted teddy teodor
theresa tess terry
thomas tom tommy tomasz tomas tomek toma
timothy tim timmy tymoteusz tymek
tobias toby
tomasz tomek
valeria valerie val
vaclav vasek wenceslas waclaw wacek
veronica vera ronnie weronika veronika wera
victor vic viktor wiktor
victoria vicky vikki tori wiktoria viktoria wika
vincent vince vinnie vincenc
violeta viola wioletta violetta
vojtech wojciech wojtek vojta adalbert
walter wally walt
william will bill billy liam willie bill wiliam
wladyslaw wladek vladislav
zachary zac zack zach
zdenka zdena zdenicka
anastasia nastia stacey ana
aurel aurelia
constantin costel costi
florin florina florica
ionut ion nelu
marian marius
vasile vasilica
abdullah abdallah abdulla abdul
abdulrahman abdurrahman abdelrahman abdur rehman rahman abderrahman
abdul abdel
ahmed ahmad ahmet ehmad
aisha ayesha aishah aysha esha ayse aicha
ali aly alee
amina aminah ameena
amir aamir ameer emir
anwar anwer enver
bilal belal bilaal
fatima fatimah fatma fatema fatoumata faatima
faisal faysal feisal
hamza hamzah hamzeh
hassan hasan hussan
hussain hussein husain husayn hosein hossain
ibrahim ebrahim ibraheem abraham
imran emran imraan
ismail ismael esmail ishmael
jamal gamal djamal jamaal
jamila jameela djamila gamila
karim kareem kerim
khadija khadijah khadeeja kadija hadija hatice
khalid khaled haled
laila layla leila leyla lejla
mahmoud mahmud mehmood mahmood
maryam mariam meryem miriam
mohammed muhammad mohamed mohammad muhammed mohamad muhamad mehmet md mo mohd
mustafa mostafa moustafa
nasreen nasrin nesrin
noor nur nour noora
omar umar omer umer
qasim kasim qasem kassim
rahim raheem rehim
rashid rasheed raschid
saad sad
saeed said sayeed saied
salma selma
samir sameer
samira sameera
shabnam shabnum
shahid shaheed
sulaiman suleiman suleman soliman sulayman
syed sayed sayyid said
tariq tarek tarik
uthman usman osman othman
waleed walid
yahya yahia
yasmin yasmeen jasmine yasmina jasmin
yusuf yousef yousuf yousaf youssef yusef joseph jusuf
zahra zehra zahraa
zainab zaynab zeinab zaineb
"""


def _read() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _NAMES.split("\n"):
        group = line.split()
        for name in group:
            found.setdefault(name, set()).update(group)
    return {name: frozenset(others - {name}) for name, others in found.items()}


_OTHERS = _read()


def other_forms(word: str) -> frozenset[str]:
    """Other forms of a folded first name: Kasia for Katarzyna, Kate for Catherine. Empty when none is known."""
    return _OTHERS.get(word, frozenset())
