//! Common given names, lower case without accents: English, French and the languages around them.

/// Given names that are hardly ever anything else.
pub(super) const GIVEN_NAMES: &str = "
aaron abby abdel abdou abdul abdullah abel abigail abraham adalbert adam adele adeline adolf adrian adriana adrien
agathe agnes agnieszka ahmad ahmed aicha aida aidan aileen aime aisha aksel alain alan alana albert alberto aldo
alejandra alejandro aleksander aleksandra alessandra alessandro alessia alex alexander alexandra alexandre alexandria
alexei alexia alexis alfonso alfred alfredo ali alice alicia alina aline alison alix allan allen allison alma alphonse
alvaro alvin alyssa amadou amanda amandine amara amber ambre amelia amelie amina amine amir amit amy ana anais anastasia
anatole anders andre andrea andreas andree andrei andres andrew andrzej andy ange angela angele angelica angelina
angelique angelo angus anil anish anita anja ann anna annabelle anne annemarie annette annie annika anthony antoine
antoinette anton antonella antonia antonin antonio anya apolline ariane ariel armand armando armelle arnaud arnold
arthur arturo arun ashley ashok astrid athena aubrey audrey augustin aurelie aurelien aurore austin ava avery axel axelle
ayesha ayse baptiste barbara barnabe barry bart bastien beatrice beatriz becky belinda ben benedicte benedict benjamin
benoit bernadette bernard bernardo bernd bernice bert bertha berthe bertrand beth bethany betsy betty beverly bianca
bjorn blaise blanche bob bobby bonnie boris brad bradley brandon brayden brenda brendan brent brian briana brianna
brigitte brittany bruce bruno bryan bryce caitlin caleb callum calvin cameron camila camille candice capucine carina
carine carl carla carlo carlos carmen carol carole carolina caroline carolyn carrie carsten casey cassandra caterina
catherine cathy cecile cecilia cedric celeste celestine celia celine cesar chandler chantal charlene charles charlie
charline charlotte chelsea cherie cheryl chiara chloe chris christa christel christelle christian christiane christina
christine christoph christophe christopher cindy claes claire clara clarence clarisse clarke claude claudette claudia
claudine claudio claus clemence clement clementine clifford clotilde clyde cody colette colin colleen connor conrad
constance constantin cora coralie corinne cornelia corentin cory courtney craig cristian cristiano cristina crystal
curtis cynthia cyril cyrille daisuke damian damien dan dana daniel daniela daniele danielle danny daphne darlene darren
daryl dave david dawn dean deborah debra deepak deirdre delphine denis denise dennis derek desiree devin diana diane
didier diego dieter dimitri dina dirk djamel dmitri dolores dominic dominik dominique don donald donna dora doreen doris
dorothea dorothee dorothy doug douglas duncan dustin dwayne dylan eddie edgar edith edmond edmund eduardo edward edwige
edwin eileen elaine eleanor elena eleonore elias elie eliane elijah elin elina elinor elisa elisabeth elise elizabeth
ella ellen ellie elliot elliott elodie eloise elsa elvira emanuel emeline emil emile emilia emilie emilien emily emma
emmanuel emmanuelle emmett enrico enrique enzo eric erica erich erick erik erika erin ernest ernesto ernst erwan estelle
esteban esther ethan etienne eugene eugenie eva evan evangeline eve evelyn evelyne ewa fabian fabien fabienne fabio
fabiola fabrice fabrizio faisal fanny fares farid fatima fatou fatoumata federica federico felicia felicie felipe felix
ferdinand fernand fernanda fernando fiona flavia flavie fleur flora flore florent florian florence fran frances francesca
francesco francine francis francisca francisco franck francois francoise franz fred freddie frederic frederick frederik
frederique freya friedrich fritz gabriel gabriela gabriele gabriella gabrielle gael gaelle gaetan gareth gary gaspard
gaston gauthier gavin genevieve geoffrey geoffroy george georges georgette georgia georgina gerald geraldine gerard
gerhard germain germaine gertrude ghislain ghislaine giacomo gianluca gianni gilbert gilberte gilles gillian gina ginette
giorgia giorgio giovanna giovanni gisele giselle giulia giuliano giulio giuseppe gladys glen glenn gloria gonzalo gordon
grant gregoire gregor gregory greta gretchen guido guilherme guillaume gunnar gunther gustav gustave gustavo guy
gwendoline gwenael gwenaelle hadrien hakim hamid hamza hanna hannah hannes hans harald harold harriet harry harvey hassan
hasan hazel heather hector heidi heike heinrich heinz helen helena helene helga helmut hendrik henri henriette henrik
henrique henry herbert herman hermann herve hilary hilda hiroshi holger holly honore horst howard hubert hugh hugo hugues
ian ibrahim ida ignacio igor ilse imane imran ines inga ingeborg ingrid inigo irene irina iris irma irving isaac isabel
isabella isabelle isaiah isidore ismael ivan ivana ivy jacek jackie jacob jacqueline jacques jade jaime jakob jakub jamal
jamel james jamie jan jana jane janet janice janine jared jasmine jason javier jay jean jeanette jeanine jeanne jeannette
jeannine jeff jeffrey jen jenna jennifer jenny jens jerome jeremie jeremy jerry jess jesse jessica jill jim jimena jimmy
joachim joan joana joann joanna joanne joao joaquin jocelyn jocelyne jodi joe joel joelle joerg joey johan johann johanna
johannes john johnny jolanta jon jonas jonathan jordan jordi jorg jorge jose josef josefina joseph josephine josette josh
joshua josiane joyce juan juana juanita judith judy julia julian juliana julianne julie julien julienne juliette julio
julius jurgen justin justine kamal kamel kamila kaori karen karim karima karin karine karl karla katarina katarzyna kate
katelyn katharina katherine kathleen kathryn kathy katia katie katja katrin kay kayla keith kelly kelsey ken kenji kenneth
kenny kerry kevin khadija khaled khalid kim kimberly kirk kirsten kirsty klaus konrad kristen kristian kristin kristina
kristof krzysztof kumar kurt kyle lara larissa lars larry latifa latoya laura laure laurel laurence laurene laurent
laurette lauren laurie lea leah leandro leila lena leo leon leonard leonardo leone leonie leonor leopold leroy leslie leticia
liam lidia liliana liliane lillian lily lina linda lindsay lindsey lionel lisa lise lisette livia liz lloyd loan lois loic
lola lorenz lorena lorenzo loretta lorraine lou louane louis louisa louise loup luc luca lucas lucette lucia luciana
luciano lucie lucien lucienne lucille lucinda lucy ludovic ludwig luigi luis luisa luiz lukas luke luna lutz lydia lydie
lyes lynn mabel maddison madeleine madeline mael maelle maelys magali magalie magdalena maggie mahmoud maja malcolm malik
malika mamadou manfred manon manuel manuela marc marcel marcela marceline marcelle marcello marcelo marcia marcin marco
marcos marcus marek margaret margarita margaux margot marguerite maria mariam marian mariana marianne marie mariette
marilyn marina mario marion marisa marisol marjorie marjolaine markus marlene marta martha marthe martial martina martine
mary maryline maryse maryvonne massimo mateo mathew mathias mathieu mathilde mathis matilda matt matteo matthew matthias
matthieu maud maude maureen maurice maurizio mauricio max maxence maxim maxime maximilian maximilien maya mehdi mei melanie
melina melissa melody melvin mercedes meredith meryem micah michael michal michel michele micheline michelle mickael miguel
mike mikael mikhail milan mildred milena milo mimi mina mireille miriam misaki mitchell moussa mohamed mohammad mohammed
moira molly monica monika monique morgane moritz moses mouna muhammad muriel murielle myriam nabil nadege nadia nadine
naima nancy naomi natacha natalia natalie natasha nathalie nathan nathanael nathaniel neal ned neil nelly nelson nestor
nguyen nicholas nick nico nicola nicolas nicole nicoletta niels nigel nikita nikolai nils nina noah noe noel noelle noemie
nolan nolwenn nora norah norbert noreen norma norman nour octave odette odile oksana olaf oleg olga oliver olivia olivier
omar ophelie oriane orlando oscar osman otto ousmane owen pablo paola paolo pascal pascale pascaline patricia patricio
patrick patrizia patsy paul paula paulette paulina pauline paulo pedro peggy penelope perrine pete peter petra phil philip
philippa philippe philippine phillip phoebe phyllis pierre pierrette pierrick pietro piotr priscilla priya quentin rachel
rachid rafael raffaele rahul rainer raj rajesh ralph ramon ramona randall randy raoul raphael raphaelle raquel raul raymond
raymonde rebecca regine regis reginald reiko reine reinhard remi remy renata renate renaud rene renee ricardo riccardo
richard rick ricky rita robert roberta roberto robin robyn roch rodney rodolfo rodolphe rodrigo roger roland rolande rolf
romain romane romeo romy ron ronald ronan ronnie rosa rosalie rosalind rosario roseline rosemary rosie ross roxane roy
ruben rudolf rudy rupert russell ruth ryan sabine sabrina sacha sadia said salim sally salma salome salvador salvatore sam
samantha samia samir samira samuel sandeep sandra sandrine sanjay santiago sara sarah sascha satoshi saul sean sebastian
sebastien selena selma serena serge sergei sergio seth severine shane shannon sharon shaun shauna shawn sheila shelley
sheri sherry shirley sidonie siegfried sigrid silvia silvie simon simona simone sinead sofia sofiane solange soledad
solene solenn sonia sonja sophia sophie soren stacey stacy stan stanislas stanley stefan stefania stefano stella stephan
stephane stephanie stephen steve steven stewart stuart sunil susan susana susanna susanne suzanne suzette suzie sven svetlana
sybille sylvain sylvester sylvia sylviane sylvie tamara tammy tania tanja tanya tara tatiana ted teresa terri terry tess
thea theo theodora theodore theophile theresa therese thibaud thibault thibaut thierry thierno thom thomas thorsten tiago
tiffany tim timothee timothy tina tobias todd tom tomas tomasz tommy toni tony tonya tracey tracy trevor trisha tristan
troy tyler ulrich ulrike ulysse umberto ursula valentin valentina valentine valeria valerie valery vanessa vera veronica
veronika veronique vicky victor victoire victoria vijay vikram vincent vincenzo viola violaine violette virgil virginie
virginia vivian viviane vivien vladimir walter wanda wayne wendy werner wilfried wilhelm willem william willie willy
winston wolfgang xavier xavi yael yahya yann yannick yannis yasmin yasmine yiannis yohan yolanda yolande youssef yuki yuri
yusuf yves yvan yvette yvonne zachary zara zeynep zinedine zoe zofia
adi aiko akira bilal dao deng fatma feng hao hui ibrahima jing juliane jun kenta khanh linh ling mai mehmet minh mustafa
nadir naoko omer pavel priyanka ravi rohan sakura sanjeev suresh takashi thanh tuan wei xiao yan yang yong yoko
aria carter daisy ezra gianna grayson harper isla jaxon jayden kaylee kylie landon layla leilani levi liana logan lucian
mackenzie madelyn madison mason mia mila natalya nevaeh nova peyton piper quinn reagan riley savannah scarlett skylar sofie
stephania sydney tristen wyatt zander zoey
beate dagmar dagny erna eberhard elke gudrun hedwig hildegard jutta kirstin liselotte lothar margarete marlies ottmar renzo
sabrine sieglinde silke traudel uwe volker ivana jelena milica milos nemanja branko dragana goran zoran zdenek vaclav
jaroslav katerina lucyna malgorzata wojciech zbigniew bogdan ionut mihai radu ilie ludmila oxana sergej yulia yelena
fredrik gunilla gustaf hakan jesper kaare kasper lasse maren mikkel mogens ole paivi palle pekka pirkko poul rasmus rune
signe solveig sture tove ulla yngve
";

/// Given names that are also common words, months or places: they count only beside other evidence.
pub(super) const AMBIGUOUS_GIVEN_NAMES: &str = "
adeline amber angel april ariel art august aurora austin autumn avril bill blue brook brooke chase chance chelsea cherry
christian clement constance constant crystal dale daisy dawn dean desire drew earl eden eve faith fern fleur flora florence
flore frank georgia gene ginger glen grace grant guy hazel hope hunter iris ivy jack jade jasmine jay jordan joy june
kay lance laurel lily lorraine luna marc marine mark mason may mercedes melody miles milan modeste nelson nick nova olive
paris pat pearl piper prudence ray reine rich river rob robin rose ruby sage sandy savannah scarlett sky sterling sue summer
sunny sydney ted valentine vera victoire victoria violet virginia viola wade ward will max dan don ron sam hao jun mai yan yang
long van tom martin francis
";
