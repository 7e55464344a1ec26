package say

// What is wrong with a request, by internal/intake and those who take rows in. Name is one of our fields, Text what a
// person typed, as Show writes it; a row that is kept has no Text.
var (
	RowNameBytes = Define("row.nameBytes", "The name holds bytes that are not text (broken UTF-8). Send it as UTF-8.",
		"O nome contém bytes que não são texto (UTF-8 quebrado). Envie-o em UTF-8.", "El nombre contiene bytes que no son texto (UTF-8 dañado). Envíelo en UTF-8.")
	RowNoName = Define("row.noName", "The group has no name. Fill in groupName.", "O grupo não tem nome. Preencha groupName.", "El grupo no tiene nombre. Complete groupName.")

	RowLostLetters = Define("row.lostLetters", "The name{{if .Text}} {{.Text}}{{end}} has lost letters: an export wrote ? or \ufffd in their place. Export the file again as UTF-8.",
		"O nome{{if .Text}} {{.Text}}{{end}} perdeu letras: uma exportação escreveu ? ou \ufffd no lugar delas. Exporte o arquivo de novo em UTF-8.",
		"El nombre{{if .Text}} {{.Text}}{{end}} perdió letras: una exportación escribió ? o \ufffd en su lugar. Exporte el archivo de nuevo en UTF-8.")
	RowNameTooLong = Define("row.nameTooLong", "The name has {{.N}} characters, WhatsApp allows {{.M}}. Shorten it.",
		"O nome tem {{.N}} caracteres, o WhatsApp permite {{.M}}. Encurte-o.", "El nombre tiene {{.N}} caracteres, WhatsApp permite {{.M}}. Acórtelo.")
	RowNameControl = Define("row.nameControl", "The name holds a line break or another control character. Write it on one line.",
		"O nome contém uma quebra de linha ou outro caractere de controle. Escreva-o em uma linha.", "El nombre contiene un salto de línea u otro carácter de control. Escríbalo en una línea.")
	RowControl = Define("row.control", "{{.Name}} holds control characters or bytes that are not text. Remove them.",
		"{{.Name}} contém caracteres de controle ou bytes que não são texto. Remova-os.", "{{.Name}} contiene caracteres de control o bytes que no son texto. Quítelos.")
	RowTooLong = Define("row.tooLong", "{{.Name}} has {{.N}} characters, {{.M}} are allowed. Shorten it.",
		"{{.Name}} tem {{.N}} caracteres, são permitidos {{.M}}. Encurte.", "{{.Name}} tiene {{.N}} caracteres, se permiten {{.M}}. Acórtelo.")
	RowEntryLong = Define("row.entryLong", "{{.Name}}: entry {{.N}} has {{.M}} characters, {{.Of}} are allowed. Give each person an entry of their own.",
		"{{.Name}}: o item {{.N}} tem {{.M}} caracteres, são permitidos {{.Of}}. Dê a cada pessoa um item próprio.",
		"{{.Name}}: el elemento {{.N}} tiene {{.M}} caracteres, se permiten {{.Of}}. Dé a cada persona un elemento propio.")
	RowTwoTargets = Define("row.twoTargets", "Both instance and pool are given. Keep one: an instance is one number, a pool is any of several.",
		"Foram dados instance e pool. Deixe um só: uma instância é um número, um pool é qualquer um de vários.",
		"Se dieron instance y pool. Deje uno: una instancia es un número, un pool es cualquiera de varios.")
	RowPriority = Define("row.priority", "The priority{{if .Text}} {{.Text}}{{end}} is not known. Write high, normal or low.",
		"A prioridade{{if .Text}} {{.Text}}{{end}} não é conhecida. Escreva high, normal ou low.", "La prioridad{{if .Text}} {{.Text}}{{end}} no se conoce. Escriba high, normal o low.")
	RowExpired = Define("row.expired", "expiresAt has passed already. Give a later time, or leave it out.",
		"expiresAt já passou. Dê um horário posterior ou deixe-o de fora.", "expiresAt ya pasó. Dé una hora posterior u omítala.")
	RowExpiresFirst = Define("row.expiresFirst", "expiresAt must be later than notBefore: the group could never be created. Give a later expiresAt or an earlier notBefore.",
		"expiresAt precisa ser depois de notBefore: o grupo nunca poderia ser criado. Dê um expiresAt posterior ou um notBefore anterior.",
		"expiresAt debe ser posterior a notBefore: el grupo nunca podría crearse. Dé un expiresAt posterior o un notBefore anterior.")
	RowNamesTooMany = Define("row.namesTooMany", "The group names {{.N}} people, WhatsApp allows {{.M}} besides the owner. Divide it into several groups, or let create divide it: --split {{.M}}.",
		"O grupo nomeia {{.N}} pessoas, o WhatsApp permite {{.M}} além do dono. Divida-o em vários grupos, ou deixe create dividi-lo: --split {{.M}}.",
		"El grupo nombra a {{.N}} personas, WhatsApp permite {{.M}} además del dueño. Divídalo en varios grupos, o deje que create lo divida: --split {{.M}}.")
	RowTooMany = Define("row.tooMany", "The group has {{.N}} people, WhatsApp allows {{.M}} besides the owner. Divide it into several groups, or let create divide it: --split {{.M}}.",
		"O grupo tem {{.N}} pessoas, o WhatsApp permite {{.M}} além do dono. Divida-o em vários grupos, ou deixe create dividi-lo: --split {{.M}}.",
		"El grupo tiene {{.N}} personas, WhatsApp permite {{.M}} además del dueño. Divídalo en varios grupos, o deje que create lo divida: --split {{.M}}.")
	RowNoPeople = Define("row.noPeople", "The group has no people. Fill in phones (or chatIds).",
		"O grupo não tem pessoas. Preencha phones (ou chatIds).", "El grupo no tiene personas. Complete phones (o chatIds).")
	RowOnlyPhone = Define("row.onlyPhone", "The only phone cannot be used. {{.Why}}", "O único telefone não pode ser usado. {{.Why}}", "El único teléfono no se puede usar. {{.Why}}")
	RowNoPhone   = Define("row.noPhone", "None of the {{.N}} phones can be used. The first: {{.Why}}",
		"Nenhum dos {{.N}} telefones pode ser usado. O primeiro: {{.Why}}", "Ninguno de los {{.N}} teléfonos se puede usar. El primero: {{.Why}}")
	RowStrictPhones = Define("row.strictPhones", "{{.N}} of the {{.M}} phones cannot be used, and strict was asked for. The first: {{.Why}}",
		"{{.N}} dos {{.M}} telefones não podem ser usados, e strict foi pedido. O primeiro: {{.Why}}",
		"{{.N}} de los {{.M}} teléfonos no se pueden usar, y se pidió strict. El primero: {{.Why}}")
	RowTwice = Define("row.twice", "{{.Name}} is given twice, by two names, and differs. Keep one.",
		"{{.Name}} foi dado duas vezes, com dois nomes, e difere. Deixe um.", "{{.Name}} se dio dos veces, con dos nombres, y difiere. Deje uno.")
	RowAdminsForm = Define("row.adminsForm", `admins is a list of phones, or "all": write ["+5544999999999"].`,
		`admins é uma lista de telefones, ou "all": escreva ["+5544999999999"].`, `admins es una lista de teléfonos, o "all": escriba ["+5544999999999"].`)
	RowEntryForm = Define("row.entryForm", "{{.Name}}: entry {{.N}} is neither a text nor an integer. Write each number in quotes.",
		"{{.Name}}: o item {{.N}} não é texto nem número inteiro. Escreva cada número entre aspas.",
		"{{.Name}}: el elemento {{.N}} no es texto ni un entero. Escriba cada número entre comillas.")
	RowSettingsForm = Define("row.settingsForm", `settings is an object: write {"onlyAdminsSend": true}.`,
		`settings é um objeto: escreva {"onlyAdminsSend": true}.`, `settings es un objeto: escriba {"onlyAdminsSend": true}.`)
	RowSettingsKey = Define("row.settingsKey", "settings has the keys {{.Place}}; {{or .Text \"another one\"}} is not one of them.",
		"settings tem as chaves {{.Place}}; {{or .Text \"outra\"}} não é uma delas.", "settings tiene las claves {{.Place}}; {{or .Text \"otra\"}} no es una de ellas.")
	RowPhotoLong = Define("row.photoLong", "The photo's address has more than {{.N}} bytes. Give a shorter one.",
		"O endereço da foto tem mais de {{.N}} bytes. Dê um mais curto.", "La dirección de la foto tiene más de {{.N}} bytes. Dé una más corta.")
	RowPhotoAddress = Define("row.photoAddress", "photo is not the address of a picture. Write one such as https://host/logo.jpg.",
		"photo não é o endereço de uma imagem. Escreva um como https://host/logo.jpg.", "photo no es la dirección de una imagen. Escriba una como https://host/logo.jpg.")
	RowPhotoPlain = Define("row.photoPlain", "The photo's address does not begin with https://. Put the picture where https:// reaches it.",
		"O endereço da foto não começa com https://. Coloque a imagem onde https:// a alcance.",
		"La dirección de la foto no empieza con https://. Ponga la imagen donde https:// la alcance.")
	RowAdminUnusable = Define("row.adminUnusable", "admins: entry {{.N}} cannot be used. {{.Why}}", "admins: o item {{.N}} não pode ser usado. {{.Why}}", "admins: el elemento {{.N}} no se puede usar. {{.Why}}")
	RowAdminStranger = Define("row.adminStranger", "admins: entry {{.N}}{{if .Text}} ({{.Text}}){{end}} is not among the group's people. Add the number to phones, or take it out of admins.",
		"admins: o item {{.N}}{{if .Text}} ({{.Text}}){{end}} não está entre as pessoas do grupo. Adicione o número a phones ou tire-o de admins.",
		"admins: el elemento {{.N}}{{if .Text}} ({{.Text}}){{end}} no está entre las personas del grupo. Agregue el número a phones o quítelo de admins.")
	RowFormulaUnstored = Define("row.formulaUnstored", "Line {{.N}} has a formula whose value is not stored. Open the workbook in a spreadsheet program, save it, and give it again.",
		"A linha {{.N}} tem uma fórmula cujo valor não está salvo. Abra a pasta de trabalho em um programa de planilhas, salve-a e envie-a de novo.",
		"La línea {{.N}} tiene una fórmula cuyo valor no está guardado. Abra el libro en un programa de hojas de cálculo, guárdelo y envíelo de nuevo.")
	RowFormulaFailed = Define("row.formulaFailed", "Line {{.N}} has a formula that failed{{if .Text}} ({{.Text}}){{end}}. Correct the formula, or write the value in its place.",
		"A linha {{.N}} tem uma fórmula que falhou{{if .Text}} ({{.Text}}){{end}}. Corrija a fórmula ou escreva o valor no lugar dela.",
		"La línea {{.N}} tiene una fórmula que falló{{if .Text}} ({{.Text}}){{end}}. Corrija la fórmula o escriba el valor en su lugar.")
	RowConsentForm = Define("row.consentForm", `consent is an object: write {"source": "…", "at": "2026-11-21T09:00:00Z"}.`,
		`consent é um objeto: escreva {"source": "…", "at": "2026-11-21T09:00:00Z"}.`, `consent es un objeto: escriba {"source": "…", "at": "2026-11-21T09:00:00Z"}.`)
	RowConsentAt  = Define("row.consentAt", "consent.at is not a time. Write it like 2026-11-21T09:00:00Z.", "consent.at não é um horário. Escreva como 2026-11-21T09:00:00Z.", "consent.at no es una hora. Escríbala como 2026-11-21T09:00:00Z.")
	RowConsentKey = Define("row.consentKey", "consent has the keys source and at; {{or .Text \"another one\"}} is neither.",
		"consent tem as chaves source e at; {{or .Text \"outra\"}} não é nenhuma delas.", "consent tiene las claves source y at; {{or .Text \"otra\"}} no es ninguna de ellas.")
	RowConsentRequired = Define("row.consentRequired", "Consent is required here: say in consent where these people gave it (source) and when (at).",
		"Aqui o consentimento é obrigatório: diga em consent onde essas pessoas o deram (source) e quando (at).",
		"Aquí se exige el consentimiento: diga en consent dónde lo dieron estas personas (source) y cuándo (at).")
	RowConsentLong = Define("row.consentLong", "consent.source has more than {{.N}} characters. Name the source, and keep the rest yourself.",
		"consent.source tem mais de {{.N}} caracteres. Nomeie a origem e guarde o resto no seu sistema.",
		"consent.source tiene más de {{.N}} caracteres. Nombre el origen y guarde el resto en su sistema.")
	RowConsentFuture = Define("row.consentFuture", "consent.at lies in the future. Give the time at which consent was given.",
		"consent.at está no futuro. Dê o horário em que o consentimento foi dado.", "consent.at está en el futuro. Dé la hora en que se dio el consentimiento.")
	RowTimeCell = Define("row.timeCell", "{{.Name}} is not a time: {{.Why}}.", "{{.Name}} não é um horário: {{.Why}}.", "{{.Name}} no es una hora: {{.Why}}.")
	RowTime     = Define("row.time", "{{.Name}} is not a time. Write it like 2026-11-21T09:00:00Z, or with an offset like 2026-11-21T09:00:00-03:00.",
		"{{.Name}} não é um horário. Escreva como 2026-11-21T09:00:00Z, ou com um fuso, como 2026-11-21T09:00:00-03:00.",
		"{{.Name}} no es una hora. Escríbala como 2026-11-21T09:00:00Z, o con un desfase, como 2026-11-21T09:00:00-03:00.")
	RowTimeYear = Define("row.timeYear", "The year of {{.Name}} is before 0 or after 9999 in UTC. Correct it, or leave it out.",
		"O ano de {{.Name}} é anterior a 0 ou posterior a 9999 em UTC. Corrija-o ou deixe-o de fora.",
		"El año de {{.Name}} es anterior a 0 o posterior a 9999 en UTC. Corríjalo u omítalo.")
	RowTimeField = Define("row.timeField", "{{.Name}} is not a time. Write it as 2026-11-21T09:00:00Z, or leave it empty.",
		"{{.Name}} não é um horário. Escreva como 2026-11-21T09:00:00Z ou deixe vazio.", "{{.Name}} no es una hora. Escríbala como 2026-11-21T09:00:00Z o déjela vacía.")
	DateForm = Define("date.form", "write it like 2026-11-21T09:00:00Z, 2026-11-21 09:00 or 2026-11-21",
		"escreva como 2026-11-21T09:00:00Z, 2026-11-21 09:00 ou 2026-11-21", "escríbala como 2026-11-21T09:00:00Z, 2026-11-21 09:00 o 2026-11-21")
	DateYear = Define("date.year", "the year has two digits; write it with four, or say --dates dmy or --dates mdy (dates=)",
		"o ano tem dois dígitos; escreva com quatro, ou diga --dates dmy ou --dates mdy (dates=)", "el año tiene dos dígitos; escríbalo con cuatro, o diga --dates dmy o --dates mdy (dates=)")
	DateBoth = Define("date.both", "{{or .Text \"it\"}} can be {{.Name}} or {{.Place}}; write the one that is meant, or say --dates dmy or --dates mdy (dates=)",
		"{{or .Text \"a data\"}} pode ser {{.Name}} ou {{.Place}}; escreva a que se quer dizer, ou diga --dates dmy ou --dates mdy (dates=)",
		"{{or .Text \"la fecha\"}} puede ser {{.Name}} o {{.Place}}; escriba la que corresponde, o diga --dates dmy o --dates mdy (dates=)")
	RowBytes = Define("row.bytes", "The group holds bytes that are not text (broken UTF-8). Send it as UTF-8.",
		"O grupo contém bytes que não são texto (UTF-8 quebrado). Envie-o em UTF-8.", "El grupo contiene bytes que no son texto (UTF-8 dañado). Envíelo en UTF-8.")
	RowJSON = Define("row.json", "The group is not valid JSON from byte {{.N}} on. Check the commas, quotes and brackets there.",
		"O grupo não é JSON válido a partir do byte {{.N}}. Verifique ali as vírgulas, aspas e colchetes.",
		"El grupo no es JSON válido a partir del byte {{.N}}. Revise allí las comas, comillas y corchetes.")
	RowNoGroup = Define("row.noGroup", `This is not a group. A group is a JSON object: {"groupName": "…", "phones": ["…"]}.`,
		`Isto não é um grupo. Um grupo é um objeto JSON: {"groupName": "…", "phones": ["…"]}.`, `Esto no es un grupo. Un grupo es un objeto JSON: {"groupName": "…", "phones": ["…"]}.`)
	RowKeyNear = Define("row.keyNear", "The key{{if .Text}} {{.Text}}{{end}} is not known. Did you mean {{.Place}}?",
		"A chave{{if .Text}} {{.Text}}{{end}} não é conhecida. Você quis dizer {{.Place}}?", "La clave{{if .Text}} {{.Text}}{{end}} no se conoce. ¿Quiso decir {{.Place}}?")
	RowKeyTwice = Define("row.keyTwice", "The key{{if .Text}} {{.Text}}{{end}} is given twice. Keep one.",
		"A chave{{if .Text}} {{.Text}}{{end}} aparece duas vezes. Deixe só uma.", "La clave{{if .Text}} {{.Text}}{{end}} aparece dos veces. Deje solo una.")
	RowKey = Define("row.key", "The key{{if .Text}} {{.Text}}{{end}} is not known. Put what is yours into metadata; docs/spreadsheets.md lists the keys.",
		"A chave{{if .Text}} {{.Text}}{{end}} não é conhecida. Ponha o que é seu em metadata; docs/spreadsheets.md lista as chaves.",
		"La clave{{if .Text}} {{.Text}}{{end}} no se conoce. Ponga lo suyo en metadata; docs/spreadsheets.md enumera las claves.")
	RowTextForm   = Define("row.textForm", "{{.Name}} is a text: write it in quotes.", "{{.Name}} é um texto: escreva-o entre aspas.", "{{.Name}} es un texto: escríbalo entre comillas.")
	RowPhonesForm = Define("row.phonesForm", `phones is a list: write ["…", "…"].`, `phones é uma lista: escreva ["…", "…"].`, `phones es una lista: escriba ["…", "…"].`)
	RowChatsForm  = Define("row.chatsForm", `chatIds is a list of texts: write ["…@c.us", "…@c.us"].`, `chatIds é uma lista de textos: escreva ["…@c.us", "…@c.us"].`, `chatIds es una lista de textos: escriba ["…@c.us", "…@c.us"].`)
	RowTrueFalse  = Define("row.trueFalse", "{{.Name}} is true or false.", "{{.Name}} é true ou false.", "{{.Name}} es true o false.")
	RowYesNo      = Define("row.yesNo", "{{.Name}} is neither yes nor no. Write yes or no, true or false, 1 or 0 (also sim/não, sí/no, да/нет).",
		"{{.Name}} não é sim nem não. Escreva sim ou não, true ou false, 1 ou 0 (também yes/no, sí/no, да/нет).",
		"{{.Name}} no es sí ni no. Escriba sí o no, true o false, 1 o 0 (también yes/no, sim/não, да/нет).")
	RowMetadataForm   = Define("row.metadataForm", `metadata is an object: write {"key": "value"}.`, `metadata é um objeto: escreva {"key": "value"}.`, `metadata es un objeto: escriba {"key": "value"}.`)
	RowMetadataColumn = Define("row.metadataColumn", `The column metadata holds no JSON object. Write {"key": "value"}, or give each value a column of its own.`,
		`A coluna metadata não contém um objeto JSON. Escreva {"key": "value"} ou dê a cada valor uma coluna própria.`,
		`La columna metadata no contiene un objeto JSON. Escriba {"key": "value"} o dé a cada valor una columna propia.`)
	RowMetadataValues = Define("row.metadataValues", "The metadata has no JSON form{{if .Text}} ({{.Text}}){{end}}. Use texts, numbers, true, false, null, lists and objects.",
		"metadata não tem forma em JSON{{if .Text}} ({{.Text}}){{end}}. Use textos, números, true, false, null, listas e objetos.",
		"metadata no tiene forma en JSON{{if .Text}} ({{.Text}}){{end}}. Use textos, números, true, false, null, listas y objetos.")
	RowMetadataUnread = Define("row.metadataUnread", "The metadata cannot be read back from its JSON form. Use texts, numbers, true, false, null, lists and objects.",
		"metadata não pode ser lido de volta do seu JSON. Use textos, números, true, false, null, listas e objetos.",
		"metadata no se puede volver a leer de su JSON. Use textos, números, true, false, null, listas y objetos.")
	RowMetadataLong = Define("row.metadataLong", "The metadata has {{.N}} bytes as JSON, {{.M}} are allowed. Keep an id in it and the rest in your own system.",
		"metadata tem {{.N}} bytes em JSON, são permitidos {{.M}}. Guarde nele um id e o resto no seu sistema.",
		"metadata tiene {{.N}} bytes en JSON, se permiten {{.M}}. Guarde en él un id y el resto en su sistema.")
	RowMetadataKeys = Define("row.metadataKeys", "An object in the metadata has {{.N}} keys, {{.M}} are allowed. Keep an id in it and the rest in your own system.",
		"Um objeto em metadata tem {{.N}} chaves, são permitidas {{.M}}. Guarde nele um id e o resto no seu sistema.",
		"Un objeto de metadata tiene {{.N}} claves, se permiten {{.M}}. Guarde en él un id y el resto en su sistema.")
	RowMetadataDeep = Define("row.metadataDeep", "The metadata has more than {{.N}} levels of objects and lists inside each other. Make it flatter.",
		"metadata tem mais de {{.N}} níveis de objetos e listas uns dentro dos outros. Deixe-o mais plano.",
		"metadata tiene más de {{.N}} niveles de objetos y listas unos dentro de otros. Hágalo más plano.")
	RowMetadataNumber = Define("row.metadataNumber", "The metadata has a number that is larger than programs can read. Write it in quotes.",
		"metadata tem um número maior do que os programas conseguem ler. Escreva-o entre aspas.", "metadata tiene un número mayor de lo que los programas pueden leer. Escríbalo entre comillas.")
	RowNamesForm = Define("row.namesForm", `names is an object of names by phone: write {"+5544…": "Ana"}.`, `names é um objeto de nomes por telefone: escreva {"+5544…": "Ana"}.`, `names es un objeto de nombres por teléfono: escriba {"+5544…": "Ana"}.`)
	RowNamesLong = Define("row.namesLong", "names has {{.N}} entries, {{.M}} are allowed. Keep those of the group's people.",
		"names tem {{.N}} itens, são permitidos {{.M}}. Deixe os das pessoas do grupo.", "names tiene {{.N}} elementos, se permiten {{.M}}. Deje los de las personas del grupo.")
	RowPersonControl = Define("row.personControl", "A person's name holds control characters or bytes that are not text. Remove them.",
		"O nome de uma pessoa contém caracteres de controle ou bytes que não são texto. Remova-os.", "El nombre de una persona contiene caracteres de control o bytes que no son texto. Quítelos.")
	RowPersonLong = Define("row.personLong", "A person's name has {{.N}} characters, {{.M}} are allowed. Shorten it.",
		"O nome de uma pessoa tem {{.N}} caracteres, são permitidos {{.M}}. Encurte-o.", "El nombre de una persona tiene {{.N}} caracteres, se permiten {{.M}}. Acórtelo.")
	RowMessage = Define("row.message", "{{.Name}} has a {{.Kind}} that means nothing. Only {{.Place}} stand for something; close each with two brackets.",
		"{{.Name}} tem um {{.Kind}} sem sentido. Só {{.Place}} representam algo; feche cada um com duas chaves.",
		"{{.Name}} tiene un {{.Kind}} sin sentido. Solo {{.Place}} representan algo; cierre cada uno con dos llaves.")
	RowNoLink = Define("row.noLink", "{{.Name}} comes out without the link of the group. Write {{.Place}} where it belongs, outside of any condition.",
		"{{.Name}} sai sem o link do grupo. Escreva {{.Place}} onde ele deve ficar, fora de qualquer condição.",
		"{{.Name}} sale sin el enlace del grupo. Escriba {{.Place}} donde deba ir, fuera de toda condición.")
	RowLinesDiffer = Define("row.linesDiffer", "Lines {{.N}} and {{.M}} are of one group and say different things in the column {{.Name}}. Make them equal, or leave the cell empty in all lines but one.",
		"As linhas {{.N}} e {{.M}} são de um mesmo grupo e dizem coisas diferentes na coluna {{.Name}}. Deixe-as iguais ou preencha a célula em uma só linha.",
		"Las líneas {{.N}} y {{.M}} son de un mismo grupo y dicen cosas distintas en la columna {{.Name}}. Iguálelas o llene la celda en una sola línea.")
	RowLinesUnnamed = Define("row.linesUnnamed", "{{if eq .N 1}}Line {{.M}} has no group name.{{else}}{{.N}} lines, the first of them line {{.M}}, have no group name.{{end}} Write the name into every line of the group.",
		"{{if eq .N 1}}A linha {{.M}} não tem nome de grupo.{{else}}{{.N}} linhas, a primeira delas a linha {{.M}}, não têm nome de grupo.{{end}} Escreva o nome em cada linha do grupo.",
		"{{if eq .N 1}}La línea {{.M}} no tiene nombre de grupo.{{else}}{{.N}} líneas, la primera la línea {{.M}}, no tienen nombre de grupo.{{end}} Escriba el nombre en cada línea del grupo.")
	RowBesideGroups = Define("row.besideGroups", "Beside groups stands the key{{if .Text}} {{.Text}}{{end}}, which means nothing there. Write it into each group, or remove it.",
		"Ao lado de groups está a chave{{if .Text}} {{.Text}}{{end}}, que ali não significa nada. Escreva-a em cada grupo ou remova-a.",
		"Junto a groups está la clave{{if .Text}} {{.Text}}{{end}}, que allí no significa nada. Escríbala en cada grupo o quítela.")
	RowJSONComma = Define("row.jsonComma", "Line {{.N}} is not valid JSON: a comma or the closing ] is missing. Check it with a JSON tool.",
		"A linha {{.N}} não é JSON válido: falta uma vírgula ou o ] final. Verifique-a com uma ferramenta de JSON.",
		"La línea {{.N}} no es JSON válido: falta una coma o el ] final. Revísela con una herramienta de JSON.")
	RowJSONGroup = Define("row.jsonGroup", "Line {{.N}} is not valid JSON: a group is expected there. Check it with a JSON tool.",
		"A linha {{.N}} não é JSON válido: espera-se ali um grupo. Verifique-a com uma ferramenta de JSON.",
		"La línea {{.N}} no es JSON válido: allí se espera un grupo. Revísela con una herramienta de JSON.")
	RowBehindList = Define("row.behindList", "Line {{.N}}: something stands behind the end of the list and is not read. Put it into the list.",
		"Linha {{.N}}: há algo depois do fim da lista, que não é lido. Ponha-o na lista.", "Línea {{.N}}: hay algo después del final de la lista, que no se lee. Póngalo en la lista.")
	RowListCut = Define("row.listCut", "The file ends in line {{.N}}, in the middle of the list. Export it again and check that the copy is whole.",
		"O arquivo termina na linha {{.N}}, no meio da lista. Exporte-o de novo e confira se a cópia está completa.",
		"El archivo termina en la línea {{.N}}, en medio de la lista. Expórtelo de nuevo y compruebe que la copia esté completa.")
	RowJSONLine  = Define("row.jsonLine", "Line {{.N}} is not valid JSON. Check it with a JSON tool.", "A linha {{.N}} não é JSON válido. Verifique-a com uma ferramenta de JSON.", "La línea {{.N}} no es JSON válido. Revísela con una herramienta de JSON.")
	RowJSONColon = Define("row.jsonColon", "Line {{.N}} is not valid JSON: a colon is missing. Check it with a JSON tool.",
		"A linha {{.N}} não é JSON válido: falta um sinal de dois-pontos. Verifique-a com uma ferramenta de JSON.", "La línea {{.N}} no es JSON válido: faltan los dos puntos. Revísela con una herramienta de JSON.")
	RowJSONBetween = Define("row.jsonBetween", "Line {{.N}}: a group ended before it, and no new one begins there. Remove what stands behind the last }.",
		"Linha {{.N}}: um grupo terminou antes dela, e nenhum outro começa ali. Remova o que vem depois do último }.", "Línea {{.N}}: un grupo terminó antes y allí no empieza otro. Quite lo que está detrás del último }.")
	RowGroupCut = Define("row.groupCut", "The file ends in the middle of the group that begins in line {{.N}}. Export it again and check that the copy is whole.",
		"O arquivo termina no meio do grupo que começa na linha {{.N}}. Exporte-o de novo e confira se a cópia está completa.",
		"El archivo termina en medio del grupo que empieza en la línea {{.N}}. Expórtelo de nuevo y compruebe que la copia esté completa.")
	RowOpenQuote = Define("row.openQuote", `Line {{.N}} opens a quote (") that is never closed: the file is cut off, or a quote is missing. Close it, or export the file again.`,
		`A linha {{.N}} abre uma aspa (") que nunca fecha: o arquivo está cortado ou falta uma aspa. Feche-a ou exporte o arquivo de novo.`,
		`La línea {{.N}} abre una comilla (") que nunca se cierra: el archivo está cortado o falta una comilla. Ciérrela o exporte el archivo de nuevo.`)
	RowQuotedLines = Define("row.quotedLines", `A quoted cell that begins in line {{.N}} holds {{if eq .M 1}}one more line{{else}}{{.M}} more lines{{end}} of the table: a quote (") is missing or too many. Correct line {{.N}}, or export the file again; none of these lines is used.`,
		`Uma célula entre aspas que começa na linha {{.N}} contém mais {{if eq .M 1}}uma linha{{else}}{{.M}} linhas{{end}} da tabela: falta ou sobra uma aspa ("). Corrija a linha {{.N}} ou exporte o arquivo de novo; nenhuma dessas linhas é usada.`,
		`Una celda entre comillas que empieza en la línea {{.N}} contiene {{if eq .M 1}}una línea más{{else}}{{.M}} líneas más{{end}} de la tabla: falta o sobra una comilla ("). Corrija la línea {{.N}} o exporte el archivo de nuevo; ninguna de esas líneas se usa.`)
	RowEncoding = Define("row.encoding", "Line {{.N}} holds bytes that are not text in the file's encoding. Export the file again as UTF-8, or name its encoding (--encoding windows-1251).",
		"A linha {{.N}} contém bytes que não são texto na codificação do arquivo. Exporte-o de novo em UTF-8 ou informe a codificação (--encoding windows-1251).",
		"La línea {{.N}} contiene bytes que no son texto en la codificación del archivo. Expórtelo de nuevo en UTF-8 o indique la codificación (--encoding windows-1251).")
	RowFileCut = Define("row.fileCut", "The file ends in the middle of line {{.N}}. Export it again and check that the copy is whole.",
		"O arquivo termina no meio da linha {{.N}}. Exporte-o de novo e confira se a cópia está completa.",
		"El archivo termina en medio de la línea {{.N}}. Expórtelo de nuevo y compruebe que la copia esté completa.")
	RowMoreCells = Define("row.moreCells", "Line {{.N}} has more cells than the header names. Name the column above the last of them, or clear it.",
		"A linha {{.N}} tem mais células do que o cabeçalho nomeia. Dê nome à coluna da última delas ou apague-a.",
		"La línea {{.N}} tiene más celdas de las que nombra el encabezado. Nombre la columna de la última o bórrela.")
	RowSum = Define("row.sum", "Line {{.N}} begins with a word for a sum and holds a number, which may be the sum of the phones. Delete the line, or write the phone with +.",
		"A linha {{.N}} começa com uma palavra de soma e tem um número, que pode ser a soma dos telefones. Apague a linha ou escreva o telefone com +.",
		"La línea {{.N}} empieza con una palabra de suma y tiene un número, que puede ser la suma de los teléfonos. Borre la línea o escriba el teléfono con +.")
	RowCells = Define("row.cells", `Line {{.N}} has {{.M}} cells, the header has {{.Of}}. Put cells that hold the separator into quotes ("…").`,
		`A linha {{.N}} tem {{.M}} células, o cabeçalho tem {{.Of}}. Ponha entre aspas ("…") as células que contêm o separador.`,
		`La línea {{.N}} tiene {{.M}} celdas, el encabezado tiene {{.Of}}. Ponga entre comillas ("…") las celdas que contienen el separador.`)
	RowTooLarge = Define("row.tooLarge", "The row is larger than 1 MiB. Make it smaller; a group takes at most {{.N}} people.",
		"A linha tem mais de 1 MiB. Diminua-a; um grupo aceita no máximo {{.N}} pessoas.", "La fila tiene más de 1 MiB. Redúzcala; un grupo admite como máximo {{.N}} personas.")
)

// What is wrong with a row beside others, and with where it is to go.
var (
	RowKeyTaken = Define("row.keyTaken", "This idempotencyKey is taken. Give the row another one, for example with a prefix of your own.",
		"Este idempotencyKey já está em uso. Dê outro à linha, por exemplo com um prefixo seu.", "Este idempotencyKey ya está en uso. Dé otro a la fila, por ejemplo con un prefijo propio.")
	RowNameTaken = Define("row.nameTaken", "This name is taken in the batch. Send the rows under a batch name of your own.",
		"Este nome já está em uso no lote. Envie as linhas com um nome de lote próprio.", "Este nombre ya está en uso en el lote. Envíe las filas con un nombre de lote propio.")
	RowPoolsOnly = Define("row.poolsOnly", "This key asks pools for groups, not instances. Leave instance out, and set pool to one of: {{.Place}}.",
		"Esta chave pede grupos a pools, não a instâncias. Deixe instance de fora e ponha em pool um destes: {{.Place}}.",
		"Esta clave pide grupos a pools, no a instancias. Omita instance y ponga en pool uno de estos: {{.Place}}.")
	RowSomePools = Define("row.somePools", "This key asks only some pools for groups. Set pool to one of: {{.Place}}.",
		"Esta chave só pede grupos a alguns pools. Ponha em pool um destes: {{.Place}}.", "Esta clave solo pide grupos a algunos pools. Ponga en pool uno de estos: {{.Place}}.")
	RowUnknownInstance = Define("row.unknownInstance", "No instance is called {{or .Text \"so\"}}.{{if .Place}} Name one of: {{.Place}}.{{end}}",
		"Nenhuma instância se chama {{or .Text \"assim\"}}.{{if .Place}} Indique uma destas: {{.Place}}.{{end}}", "Ninguna instancia se llama {{or .Text \"así\"}}.{{if .Place}} Indique una de estas: {{.Place}}.{{end}}")
	RowUnknownPool = Define("row.unknownPool", "No instance is in a pool called {{or .Text \"so\"}}.{{if .Place}} Name one of: {{.Place}}.{{end}}",
		"Nenhuma instância está em um pool chamado {{or .Text \"assim\"}}.{{if .Place}} Indique um destes: {{.Place}}.{{end}}", "Ninguna instancia está en un pool llamado {{or .Text \"así\"}}.{{if .Place}} Indique uno de estos: {{.Place}}.{{end}}")
	RowUnsupported = Define("row.unsupported", "The provider of the instance{{if .Text}} {{.Text}}{{end}} cannot set {{.Place}}. Leave it out, or let another instance create the group.",
		"O provedor da instância{{if .Text}} {{.Text}}{{end}} não consegue definir {{.Place}}. Deixe de fora ou use outra instância para criar o grupo.",
		"El proveedor de la instancia{{if .Text}} {{.Text}}{{end}} no puede definir {{.Place}}. Omítalo o deje que otra instancia cree el grupo.")
	RowAnotherRun = Define("row.anotherRun", "Another run is accepting this group ({{.Name}}) at this moment. Send the row again.",
		"Outra execução está aceitando este grupo ({{.Name}}) neste momento. Envie a linha de novo.", "Otra ejecución está aceptando este grupo ({{.Name}}) en este momento. Envíe la fila de nuevo.")
	RowEarlier = Define("row.earlier", "An earlier row of this input has the same name or key and asks for something else. Join the two rows, or give this one another key.",
		"Uma linha anterior deste arquivo tem o mesmo nome ou chave e pede outra coisa. Junte as duas linhas ou dê outra chave a esta.",
		"Una fila anterior de este archivo tiene el mismo nombre o clave y pide otra cosa. Una las dos filas o dé otra clave a esta.")
	RowRemoved = Define("row.removed", "this request was accepted before as group {{.Name}}, and a person removed its record, which could not be read; its group may exist at WhatsApp. Look there first. To create it all the same, give the request a new idempotencyKey, or the file a new batch name.",
		"este pedido já foi aceito como grupo {{.Name}}, e uma pessoa removeu o registro, que não podia ser lido; o grupo pode existir no WhatsApp. Veja lá primeiro. Para criá-lo mesmo assim, dê ao pedido um novo idempotencyKey ou ao arquivo um novo nome de lote.",
		"este pedido ya se aceptó como grupo {{.Name}}, y una persona eliminó su registro, que no se podía leer; el grupo puede existir en WhatsApp. Mire allí primero. Para crearlo de todos modos, dé al pedido un idempotencyKey nuevo o al archivo un nombre de lote nuevo.")
	RowUnclear = Define("row.unclear", "what this idempotencyKey was used for cannot be read, so nothing was created; `rollcall-producer unreadable list` shows it.",
		"não é possível ler para que este idempotencyKey foi usado, então nada foi criado; `rollcall-producer unreadable list` mostra.",
		"no se puede leer para qué se usó este idempotencyKey, así que no se creó nada; `rollcall-producer unreadable list` lo muestra.")
	RowUnread = Define("row.unread", "the record of this row's group ({{.Name}}) cannot be read, so they cannot be compared; `rollcall-producer unreadable list` shows it.",
		"o registro do grupo desta linha ({{.Name}}) não pode ser lido, então não dá para comparar; `rollcall-producer unreadable list` mostra.",
		"el registro del grupo de esta fila ({{.Name}}) no se puede leer, así que no se pueden comparar; `rollcall-producer unreadable list` lo muestra.")
	RowNameHeld = Define("row.nameHeld", "The batch has another group of this name. Choose another name, or edit that group.",
		"O lote tem outro grupo com este nome. Escolha outro nome ou edite aquele grupo.", "El lote tiene otro grupo con este nombre. Elija otro nombre o edite ese grupo.")
	RowRemoveUnread = Define("row.removeUnread", "A phone to remove cannot be read. {{.Why}}", "Um telefone a remover não pode ser lido. {{.Why}}", "Un teléfono por quitar no se puede leer. {{.Why}}")
	RowNotThere     = Define("row.notThere", "{{.Text}} is not in the group, so it cannot be removed. It may have been removed already.",
		"{{.Text}} não está no grupo, então não pode ser removido. Pode já ter sido removido.", "{{.Text}} no está en el grupo, así que no se puede quitar. Quizá ya se quitó.")
	RowStaff = Define("row.staff", "{{.Text}} is one of the pool's own people, so it cannot be removed from one group. Change the pool's setup.always.",
		"{{.Text}} é uma das pessoas do próprio pool, então não pode ser removido de um só grupo. Mude setup.always do pool.",
		"{{.Text}} es una de las personas del propio pool, así que no se puede quitar de un solo grupo. Cambie setup.always del pool.")
	RowPhoto = Define("row.photo", "{{.Why}}. Put a JPEG or PNG of at most {{.N}} MB there, or leave photo out.",
		"{{.Why}}. Ponha ali um JPEG ou PNG de no máximo {{.N}} MB ou deixe photo de fora.", "{{.Why}}. Ponga allí un JPEG o PNG de {{.N}} MB como máximo u omita photo.")
	// RowChanged and RowConflict say what differs (Why), and by Kind what becomes of the new people.
	RowChanged = Define("row.changed", "The batch has this group already ({{.Name}}), and the row differs: {{.Why}}."+moreEnglish+" For another group use another batch name, or give the row an idempotencyKey.",
		"O lote já tem este grupo ({{.Name}}), e a linha difere: {{.Why}}."+morePortuguese+" Para outro grupo, use outro nome de lote ou dê à linha um idempotencyKey.",
		"El lote ya tiene este grupo ({{.Name}}), y la fila difiere: {{.Why}}."+moreSpanish+" Para otro grupo use otro nombre de lote o dé a la fila un idempotencyKey.")
	RowConflict = Define("row.conflict", "This idempotencyKey was used before for another request ({{.Name}}), and the row differs: {{.Why}}."+moreEnglish+" For another group give the row a new key.",
		"Este idempotencyKey já foi usado para outro pedido ({{.Name}}), e a linha difere: {{.Why}}."+morePortuguese+" Para outro grupo, dê à linha uma chave nova.",
		"Este idempotencyKey ya se usó para otro pedido ({{.Name}}), y la fila difiere: {{.Why}}."+moreSpanish+" Para otro grupo dé a la fila una clave nueva.")
	RowNew     = Define("row.new", "{{.N}} {{if eq .N 1}}person is{{else}}people are{{end}} new", "{{.N}} {{if eq .N 1}}pessoa é nova{{else}}pessoas são novas{{end}}", "{{.N}} {{if eq .N 1}}persona es nueva{{else}}personas son nuevas{{end}}")
	RowGone    = Define("row.gone", "{{.N}} {{if eq .N 1}}person is{{else}}people are{{end}} gone", "{{.N}} {{if eq .N 1}}pessoa saiu{{else}}pessoas saíram{{end}}", "{{.N}} {{if eq .N 1}}persona falta{{else}}personas faltan{{end}}")
	RowRenamed = Define("row.renamed", "groupName{{if .Text}} (was {{.Text}}){{end}}", "groupName{{if .Text}} (era {{.Text}}){{end}}", "groupName{{if .Text}} (era {{.Text}}){{end}}")
	RowField   = Define("row.field", "{{.Name}}", "{{.Name}}", "{{.Name}}")

	// ExtendLater, ExtendReview and ExtendRetry say what comes first where a group's state allows no more people.
	ExtendLater  = Define("extend:later", "send them again when the group exists", "envie-as de novo quando o grupo existir", "envíelas de nuevo cuando exista el grupo")
	ExtendReview = Define("extend:review", "end its review (resolve), then send them again", "encerre a revisão (resolve) e envie-as de novo", "termine su revisión (resolve) y envíelas de nuevo")
	ExtendRetry  = Define("extend:retry", "the group does not exist; retry it, then send them again", "o grupo não existe; tente criá-lo de novo e envie-as outra vez", "el grupo no existe; reinténtelo y envíelas de nuevo")
)

const (
	moreEnglish = "{{if eq .Kind \"full\"}} The new people were not added: WhatsApp allows {{.N}} people besides the owner.{{else if .Place}} The new people cannot be added while the group is {{.Place}}: {{.Word \"extend\" .Kind}}." +
		"{{else if eq .Kind \"renamed\"}} To add the new people, give the row the group's name and send it with --update (HTTP: update=true).{{else if eq .Kind \"new\"}} Send it with --update (HTTP: update=true) to add the new people.{{end}}"
	morePortuguese = "{{if eq .Kind \"full\"}} As pessoas novas não foram adicionadas: o WhatsApp permite {{.N}} pessoas além do dono.{{else if .Place}} As pessoas novas não podem ser adicionadas enquanto o grupo está {{.Word \"status\" .Place}}: {{.Word \"extend\" .Kind}}." +
		"{{else if eq .Kind \"renamed\"}} Para adicionar as pessoas novas, dê à linha o nome do grupo e envie-a com --update (HTTP: update=true).{{else if eq .Kind \"new\"}} Envie-a com --update (HTTP: update=true) para adicionar as pessoas novas.{{end}}"
	moreSpanish = "{{if eq .Kind \"full\"}} Las personas nuevas no se agregaron: WhatsApp permite {{.N}} personas además del dueño.{{else if .Place}} Las personas nuevas no se pueden agregar mientras el grupo está {{.Word \"status\" .Place}}: {{.Word \"extend\" .Kind}}." +
		"{{else if eq .Kind \"renamed\"}} Para agregar las personas nuevas, dé a la fila el nombre del grupo y envíela con --update (HTTP: update=true).{{else if eq .Kind \"new\"}} Envíela con --update (HTTP: update=true) para agregar las personas nuevas.{{end}}"
)

// What is wrong with the choices beside an input.
var (
	InputRegion   = Define("input.region", "The region is not a country. Write its two letters, for example BR.", "A região não é um país. Escreva as duas letras dele, por exemplo BR.", "La región no es un país. Escriba sus dos letras, por ejemplo BR.")
	InputPriority = Define("input.priority", "The priority is high, normal or low.", "A prioridade é high, normal ou low.", "La prioridad es high, normal o low.")
	InputEncoding = Define("input.encoding", "The encoding is not known. Write it as the web does: utf-8, windows-1252, windows-1251, macintosh.",
		"A codificação não é conhecida. Escreva-a como a web: utf-8, windows-1252, windows-1251, macintosh.", "La codificación no se conoce. Escríbala como la web: utf-8, windows-1252, windows-1251, macintosh.")
	InputDates = Define("input.dates", "The order of dates is dmy or mdy.", "A ordem das datas é dmy ou mdy.", "El orden de las fechas es dmy o mdy.")
	InputRows  = Define("input.rows", "One row is a group or a person.", "Uma linha é um grupo ou uma pessoa.", "Una fila es un grupo o una persona.")
	BatchName  = Define("batch.badName", "A batch's name is a text without control characters that does not begin with {{.Place}}.",
		"O nome de um lote é um texto sem caracteres de controle que não começa com {{.Place}}.", "El nombre de un lote es un texto sin caracteres de control que no empieza con {{.Place}}.")
	BatchNameLong = Define("batch.longName", "A batch's name has at most {{.N}} characters.", "O nome de um lote tem no máximo {{.N}} caracteres.", "El nombre de un lote tiene como máximo {{.N}} caracteres.")
)

// Warnings about an input that was read.
var (
	WarnAmbiguous = Define("warn.ambiguous", "Some phones without + are also valid numbers of another country, or with another area code. The home country (--region) decided; write + and the country code to be sure.",
		"Alguns telefones sem + também são números válidos de outro país ou com outro DDD. Valeu o país de origem (--region); para ter certeza, escreva + e o código do país.",
		"Algunos teléfonos sin + también son números válidos de otro país o con otro código de área. Decidió el país de origen (--region); para estar seguro escriba + y el código del país.")
	WarnExtension = Define("warn.extension", "An extension was cut off some phones. WhatsApp knows the number without it only.",
		"O ramal foi cortado de alguns telefones. O WhatsApp só conhece o número sem ele.", "Se quitó la extensión de algunos teléfonos. WhatsApp solo conoce el número sin ella.")
	WarnBatchEnded = Define("warn.batchEnded", "The batch of this name is over: {{.Name}}. New groups make another batch of the same name, which the name means from then on.",
		"O lote com este nome já terminou: {{.Name}}. Grupos novos formam outro lote com o mesmo nome, e a partir daí o nome se refere a esse outro.",
		"El lote con este nombre ya terminó: {{.Name}}. Los grupos nuevos forman otro lote con el mismo nombre, y desde entonces el nombre se refiere a ese otro.")
	WarnForeign = Define("warn.foreign", "Most numbers are of {{.Place}}; {{.N}} without + were read as numbers of other countries. Write + and the country code in front of them if that is right, and check them if not.",
		"A maioria dos números é de {{.Place}}; {{.N}} sem + foram lidos como números de outros países. Escreva + e o código do país na frente deles se estiver certo; se não, confira-os.",
		"La mayoría de los números es de {{.Place}}; {{.N}} sin + se leyeron como números de otros países. Escriba + y el código del país delante si es correcto; si no, revíselos.")
	WarnRegion = Define("warn.region", "Nearly all numbers with + are of {{.Place}}; {{.N}} without + were read as numbers of other countries, or refused. Did you mean --region {{.Place}} (region={{.Place}})?",
		"Quase todos os números com + são de {{.Place}}; {{.N}} sem + foram lidos como números de outros países ou recusados. Você quis dizer --region {{.Place}} (region={{.Place}})?",
		"Casi todos los números con + son de {{.Place}}; {{.N}} sin + se leyeron como números de otros países o se rechazaron. ¿Quiso decir --region {{.Place}} (region={{.Place}})?")
	WarnTitle  = Define("warn.title", "Lines above the header are taken for titles and were not read.", "As linhas acima do cabeçalho foram tomadas por títulos e não foram lidas.", "Las líneas sobre el encabezado se tomaron por títulos y no se leyeron.")
	WarnTotals = Define("warn.totals", "Lines of totals were not read: they begin with a word such as Total and hold no phone, or hold the sum of the phones above.",
		"Linhas de somas não foram lidas: começam com uma palavra como Total e não têm telefone, ou têm a soma dos telefones acima.",
		"No se leyeron las líneas de sumas: empiezan con una palabra como Total y no tienen teléfono, o tienen la suma de los teléfonos de arriba.")
	WarnNoPhone = Define("warn.noPhone", "Lines without a phone add no person to their group. If their phone stands in another column, name that column phone.",
		"Linhas sem telefone não acrescentam ninguém ao grupo. Se o telefone está em outra coluna, dê a ela o nome phone.",
		"Las líneas sin teléfono no añaden a nadie al grupo. Si el teléfono está en otra columna, llámela phone.")
	WarnHiddenRows = Define("warn.hiddenRows", "The sheet hides rows that hold text, by hand or by a filter: they were not read. Show them to use them.",
		"A planilha oculta linhas com texto, à mão ou por um filtro: elas não foram lidas. Mostre-as para usá-las.",
		"La hoja oculta filas con texto, a mano o por un filtro: no se leyeron. Muéstrelas para usarlas.")
	WarnHiddenColumns = Define("warn.hiddenColumns", "The sheet hides columns that hold text ({{.Place}}): they were not read. Show them to use them.",
		"A planilha oculta colunas com texto ({{.Place}}): elas não foram lidas. Mostre-as para usá-las.", "La hoja oculta columnas con texto ({{.Place}}): no se leyeron. Muéstrelas para usarlas.")
	WarnOtherSheets = Define("warn.otherSheets", "Only the sheet {{.Text}} was read; the workbook also has {{.Place}}. Name another one with --sheet (sheet=).",
		"Só a planilha {{.Text}} foi lida; a pasta de trabalho também tem {{.Place}}. Informe outra com --sheet (sheet=).",
		"Solo se leyó la hoja {{.Text}}; el libro también tiene {{.Place}}. Nombre otra con --sheet (sheet=).")
	WarnPoolPhoto = Define("warn.poolPhoto", "The photo of pool {{.Place}} cannot be set: {{.Why}}. Put a JPEG or PNG of at most {{.N}} MB there, or take photo out of the pool's setup.",
		"A foto do pool {{.Place}} não pode ser definida: {{.Why}}. Ponha ali um JPEG ou PNG de no máximo {{.N}} MB ou tire photo do setup do pool.",
		"La foto del pool {{.Place}} no se puede definir: {{.Why}}. Ponga allí un JPEG o PNG de {{.N}} MB como máximo o quite photo del setup del pool.")
)

// Why something is not a telephone number, and what to do, by internal/phone. Text is what was typed, masked and in
// quotes; Place is a country.
var (
	PhoneEmpty    = Define("phone.empty", "There is no phone number. Write it with + and the country code.", "Não há número de telefone. Escreva-o com + e o código do país.", "No hay número de teléfono. Escríbalo con + y el código del país.")
	PhoneExponent = Define("phone.exponent", "A spreadsheet shortened the phone{{if .Text}} to {{.Text}}{{end}}, and its last digits are lost. Format the column as text in the spreadsheet, enter the number again and export the file again.",
		"Uma planilha abreviou o telefone{{if .Text}} para {{.Text}}{{end}}, e os últimos dígitos se perderam. Formate a coluna como texto na planilha, digite o número de novo e exporte o arquivo outra vez.",
		"Una hoja de cálculo abrevió el teléfono{{if .Text}} a {{.Text}}{{end}}, y sus últimos dígitos se perdieron. Dé formato de texto a la columna, escriba el número de nuevo y exporte el archivo otra vez.")
	PhoneFraction = Define("phone.fraction", "{{or .Text \"It\"}} is not a phone number: it has a decimal fraction. Format the column as text in the spreadsheet, or send the number as a text in quotes.",
		"{{or .Text \"Isto\"}} não é um número de telefone: tem casas decimais. Formate a coluna como texto na planilha ou envie o número como texto entre aspas.",
		"{{or .Text \"Esto\"}} no es un número de teléfono: tiene decimales. Dé formato de texto a la columna o envíe el número como texto entre comillas.")
	PhoneLetters = Define("phone.letters", "{{or .Text \"It\"}} is not a phone number: it holds more than digits, spaces, dots, dashes and brackets. Keep only the number in this place.",
		"{{or .Text \"Isto\"}} não é um número de telefone: contém mais do que dígitos, espaços, pontos, traços e parênteses. Deixe só o número neste lugar.",
		"{{or .Text \"Esto\"}} no es un número de teléfono: contiene más que dígitos, espacios, puntos, guiones y paréntesis. Deje solo el número en este lugar.")
	PhoneSeveral = Define("phone.several", "{{or .Text \"It\"}} looks like several phone numbers in one. Separate the numbers with a comma, or write each in its own cell.",
		"{{or .Text \"Isto\"}} parece ter vários números de telefone em um. Separe os números com vírgula ou escreva cada um em sua célula.",
		"{{or .Text \"Esto\"}} parece tener varios números de teléfono en uno. Separe los números con una coma o escriba cada uno en su celda.")
	PhoneGroup = Define("phone.group", "{{or .Text \"It\"}} is not the chat id of a person. A person's chat id is the number with its country code and @c.us behind it.",
		"{{or .Text \"Isto\"}} não é o chat id de uma pessoa. O chat id de uma pessoa é o número com o código do país e @c.us no fim.",
		"{{or .Text \"Esto\"}} no es el chat id de una persona. El chat id de una persona es el número con el código del país y @c.us al final.")
	PhoneCountry = Define("phone.country", "{{or .Text \"It\"}} does not begin with a country code that exists. Write it with + and the country code.",
		"{{or .Text \"Ele\"}} não começa com um código de país que existe. Escreva-o com + e o código do país.", "{{or .Text \"El número\"}} no empieza con un código de país que exista. Escríbalo con + y el código del país.")
	PhoneNoRegion = Define("phone.noRegion", "Phone{{if .Text}} {{.Text}}{{end}} has no country code. Add --region BR (HTTP: region=BR), the country of such numbers, or write it with + and the country code.",
		"O telefone{{if .Text}} {{.Text}}{{end}} não tem código do país. Informe --region BR (HTTP: region=BR), o país desses números, ou escreva-o com + e o código do país.",
		"El teléfono{{if .Text}} {{.Text}}{{end}} no tiene código de país. Indique --region BR (HTTP: region=BR), el país de esos números, o escríbalo con + y el código del país.")
	PhoneBracketed = Define("phone.bracketed", "Phone{{if .Text}} {{.Text}}{{end}} has an area code in brackets and no country code. Add --region BR (HTTP: region=BR), the country of such numbers, or write it with + and the country code.",
		"O telefone{{if .Text}} {{.Text}}{{end}} tem o DDD entre parênteses e não tem código do país. Informe --region BR (HTTP: region=BR), o país desses números, ou escreva-o com + e o código do país.",
		"El teléfono{{if .Text}} {{.Text}}{{end}} tiene el código de área entre paréntesis y no tiene código de país. Indique --region BR (HTTP: region=BR), el país de esos números, o escríbalo con + y el código del país.")
	PhoneNoArea = Define("phone.noArea", "Phone{{if .Text}} {{.Text}}{{end}} has no area code. Write the area code in front of it: the number is read as one of {{.Place}}.",
		"O telefone{{if .Text}} {{.Text}}{{end}} não tem DDD. Escreva o DDD na frente: o número é lido como de {{.Place}}.",
		"El teléfono{{if .Text}} {{.Text}}{{end}} no tiene código de área. Escríbalo delante: el número se lee como de {{.Place}}.")
	PhoneNotHome = Define("phone.notHome", "{{or .Text \"It\"}} is not a valid number of {{.Place}}, nor of another country with its country code in front. Check it digit by digit; write a number of another country with + and the country code.",
		"{{or .Text \"Ele\"}} não é um número válido de {{.Place}}, nem de outro país com o código na frente. Confira dígito por dígito; escreva um número de outro país com + e o código do país.",
		"{{or .Text \"El número\"}} no es válido en {{.Place}}, ni en otro país con su código delante. Revíselo dígito por dígito; escriba un número de otro país con + y el código del país.")
	PhoneForeign = Define("phone.foreign", "Phone{{if .Text}} {{.Text}}{{end}} would be a number of {{.Name}}, and the home country is {{.Place}}. Check it digit by digit; write a number of another country with + and the country code.",
		"O telefone{{if .Text}} {{.Text}}{{end}} seria um número de {{.Name}}, e o país de origem é {{.Place}}. Confira dígito por dígito; escreva um número de outro país com + e o código do país.",
		"El teléfono{{if .Text}} {{.Text}}{{end}} sería un número de {{.Name}}, y el país de origen es {{.Place}}. Revíselo dígito por dígito; escriba un número de otro país con + y el código del país.")
	PhoneAmbiguous = Define("phone.ambiguous", "Phone{{if .Text}} {{.Text}}{{end}} can be a number of {{.Name}} or one of {{.Place}}. Write it with + and the country code, or add --region {{.Name}} or --region {{.Place}}.",
		"O telefone{{if .Text}} {{.Text}}{{end}} pode ser um número de {{.Name}} ou de {{.Place}}. Escreva-o com + e o código do país ou informe --region {{.Name}} ou --region {{.Place}}.",
		"El teléfono{{if .Text}} {{.Text}}{{end}} puede ser un número de {{.Name}} o de {{.Place}}. Escríbalo con + y el código del país o indique --region {{.Name}} o --region {{.Place}}.")
	PhoneLength = Define("phone.length", "{{or .Text \"It\"}} has too few or too many digits for a phone number of its country. Check it digit by digit; write it with + and the country code.",
		"{{or .Text \"Ele\"}} tem dígitos de menos ou de mais para um número do país dele. Confira dígito por dígito; escreva-o com + e o código do país.",
		"{{or .Text \"El número\"}} tiene dígitos de menos o de más para un número de su país. Revíselo dígito por dígito; escríbalo con + y el código del país.")
)
