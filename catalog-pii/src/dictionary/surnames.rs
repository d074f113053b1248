//! Common family names, lower case without accents: English, French and the languages around them.

/// Family names that are common enough to recognise a column by.
pub(super) const SURNAMES: &str = "
smith johnson williams jones davis miller wilson moore taylor anderson thomas jackson harris martin thompson garcia martinez
robinson clark rodriguez lewis lee walker hall allen hernandez wright lopez hill scott adams baker gonzalez nelson
carter mitchell perez roberts turner phillips campbell parker evans edwards collins stewart sanchez morris rogers reed cook
morgan bell murphy bailey rivera cooper richardson cox howard torres peterson ramirez watson brooks kelly sanders bennett
barnes ross henderson coleman jenkins perry powell patterson hughes flores washington butler simmons foster gonzales bryant
alexander russell griffin diaz hayes myers hamilton graham sullivan wallace cole owens reynolds fisher ellis harrison gibson
mcdonald marshall ortiz gomez murray freeman wells webb simpson stevens tucker porter hicks crawford henry boyd mason morales
kennedy warren dixon ramos reyes burns gordon shaw holmes rice robertson hunt daniels palmer mills nichols grant ferguson
stone hawkins dunn perkins hudson spencer gardner stephens payne pierce berry matthews arnold wagner willis watkins olson
carroll duncan snyder hart cunningham bradley andrews ruiz harper riley armstrong carpenter weaver greene lawrence elliott
chavez sims austin peters kelley franklin lawson fields gutierrez schmidt carr vasquez castillo wheeler chapman oliver
montgomery richards williamson johnston banks meyer bishop mccoy howell alvarez morrison hansen fernandez garza harvey burton
nguyen jacobs reid fuller lynch garrett romero welch larson frazier burke hanson mendoza moreno bowman medina fowler brewer
hoffman carlson silva pearson holland fleming jensen vargas byrd davidson hopkins herrera wade soto walters neal caldwell
lowe jennings barnett graves jimenez horton shelton barrett obrien castro sutton mckinney craig rodriquez chambers
lambert fletcher watts bates rhodes newton parsons barker hale lucas brady doyle bowen wolfe schultz schneider klein keller
patel singh khan kumar sharma gupta shah mehta ali ahmed hussain begum chen wang li zhang liu yang huang zhao wu zhou xu sun
tanaka suzuki sato watanabe yamamoto nakamura kobayashi kato kim park choi jung tran pham hoang vu dang bui
bernard dubois thomas robert richard petit durand leroy moreau simon laurent lefebvre michel garcia david bertrand roux
vincent fournier morel girard andre lefevre mercier dupont lambert bonnet francois martinez legrand garnier faure rousseau
blanc guerin muller henry roussel nicolas perrin morin mathieu clement gauthier dumont lopez fontaine chevalier robin masson
sanchez gerard nguyen boyer denis lemaire duval joly gautier roger roche roy noel meyer lucas meunier jean perez marchand
dufour blanchard marie barbier brun dumas brunet schmitt leroux colas renard picard arnaud rolland caron aubert giraud
leclerc vidal bourgeois renaud lemoine picot gaillard philippe leclercq lacroix fabre dupuis olivier rodriguez da silva hubert
louis charles guillot riviere le gall guillaume adam rey moulin gonzalez berger lecomte menard fleury deschamps carpentier
julien benoit paris maillard marchal aubry vasseur le roux renault jacquet collet prevost poirier charpentier royer huet
baron dupuy pons paul laine carre breton remy schneider perrot guyot barre marty cousin delmas besnard germain poulain
hamon pasquier jacob monnier michaud rodrigues guichard gillet etienne grondin poulain tessier chevallier collin chauvin da
costa bouvier gay lemaitre benard marechal humbert reynaud antoine hoarau perret barthelemy cordier pichon lejeune gilbert
lamy delaunay pasquet carlier laporte tremblay gagnon cote bouchard gauthier pelletier belanger levesque bergeron
leblanc ouellet cloutier desjardins paquette lavoie fortin boucher lapointe beaulieu poulin lachance thibault
hebert couture gosselin benoit diallo traore ba ndiaye diop fall sow keita coulibaly toure cisse benali bensaid haddad
mansouri belkacem saidi rahmani hamdi bouzid amrani
mueller weber fischer becker schulz bauer richter koch schroeder neumann schwarz zimmermann braun kruger hofmann hartmann
lange werner krause lehmann kohler koehler huber kaiser fuchs peters lang scholz moller weiss jung hahn vogel friedrich keller
gunther frank berg winkler roth beck lorenz baumann franke albrecht schuster simon ludwig bohm winter kraus martin schumacher
rossi russo ferrari esposito bianchi romano colombo ricci marino greco bruno gallo conti deluca mancini costa giordano rizzo
lombardi moretti barbieri fontana santoro mariani rinaldi caruso ferrara gatti leone
ferreira santos oliveira souza pereira lima carvalho almeida ribeiro rodrigues goncalves martins rocha araujo fernandes
barbosa cardoso correia teixeira mendes nunes moreira
johansson andersson karlsson nilsson eriksson larsson olsson persson svensson gustafsson lindberg lindstrom bergstrom
nielsen hansen pedersen andersen christensen larsen sorensen rasmussen jorgensen olsen berglund holm lund dahl
kowalski nowak wisniewski wojcik kaminski lewandowski zielinski novak svoboda dvorak horvath nagy kovacs toth szabo popescu
ionescu ivanov petrov sidorov smirnov popov volkov
doe bloggs devries jansen visser smit bakker vandenberg peeters janssens maes claes wouters
ramos navarro dominguez vazquez gil serrano blanco molina suarez delgado ortega rubio marin sanz iglesias nunez cruz
";

/// Endings that family names have and ordinary words seldom do.
pub(super) const SURNAME_ENDINGS: &[&str] = &[
    "sson", "ssen", "nsen", "rsen", "lsen", "dsen", "ksen", "sohn", "mann", "berg", "gaard", "strom", "quist", "gren",
    "nson", "rson", "dson", "wicz", "wski", "nski", "lski", "ovic", "evic", "enko", "chuk", "ellini", "etti", "elli",
    "ucci", "acci", "ndez", "nchez", "guez", "rtez", "lvez", "eault", "eaux", "ault", "ieux", "oulos", "akis", "stein",
    "bauer", "meyer", "meier", "dottir", "shvili", "ssian", "zadeh",
];
