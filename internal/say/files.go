package say

// What is wrong with an input as a whole, and what to do, by internal/intake. Text and Place are words of the
// input, in quotes; what can be told behind rows that were read is said without them too.
var (
	// FileNamed puts the name of the file before what is wrong with it.
	FileNamed = Define("file.named", "{{.Name}}: {{.Why}}", "{{.Name}}: {{.Why}}", "{{.Name}}: {{.Why}}")

	FileEmpty = Define("file.empty", "The input is empty. Check that the right file was given and that its export had finished.",
		"A entrada está vazia. Confira se o arquivo é o certo e se a exportação tinha terminado.", "La entrada está vacía. Compruebe que el archivo sea el correcto y que su exportación hubiera terminado.")
	FileNoGroup = Define("file.noGroup", "The input holds no group. Give it one row for each group.",
		"A entrada não tem nenhum grupo. Ponha nela uma linha para cada grupo.", "La entrada no tiene ningún grupo. Ponga en ella una fila para cada grupo.")
	FileTooLong = Define("file.tooLong", "The input has more than {{.N}} rows. Divide it into several batches.",
		"A entrada tem mais de {{.N}} linhas. Divida-a em vários lotes.", "La entrada tiene más de {{.N}} filas. Divídala en varios lotes.")
	FileEncoding = Define("file.encoding", "The encoding {{.Text}} is not known. Name it as the web does: utf-8, windows-1252, windows-1251, macintosh.",
		"A codificação {{.Text}} não é conhecida. Escreva-a como a web: utf-8, windows-1252, windows-1251, macintosh.",
		"La codificación {{.Text}} no se conoce. Escríbala como la web: utf-8, windows-1252, windows-1251, macintosh.")
	FileFormat = Define("file.format", "{{.Text}} is not a format. The formats are csv, xlsx, ods, ndjson and json.",
		"{{.Text}} não é um formato. Os formatos são csv, xlsx, ods, ndjson e json.", "{{.Text}} no es un formato. Los formatos son csv, xlsx, ods, ndjson y json.")
)

// An input of another kind than it should be.
var (
	FilePDF  = Define("file.pdf", "This is a PDF. Export the table itself as CSV.", "Isto é um PDF. Exporte a própria tabela como CSV.", "Esto es un PDF. Exporte la tabla misma como CSV.")
	FileGzip = Define("file.gzip", "This is a gzip archive. Unpack it first (gunzip).", "Isto é um arquivo gzip. Descompacte-o primeiro (gunzip).", "Esto es un archivo gzip. Descomprímalo primero (gunzip).")
	FileWeb  = Define("file.web", "This is a web page or XML, not a table; some programs call such a file .xls. Export it as CSV (in Excel: Save As, CSV UTF-8) and give that file.",
		"Isto é uma página web ou XML, não uma tabela; alguns programas chamam um arquivo assim de .xls. Exporte-o como CSV (no Excel: Salvar como, CSV UTF-8) e envie esse arquivo.",
		"Esto es una página web o XML, no una tabla; algunos programas llaman .xls a un archivo así. Expórtelo como CSV (en Excel: Guardar como, CSV UTF-8) y envíe ese archivo.")
	FileBinary = Define("file.binary", "This is a binary file, or UTF-16 without a byte order mark. Export it as CSV (in Excel: Save As, CSV UTF-8) and give that file.",
		"Isto é um arquivo binário, ou UTF-16 sem marca de ordem de bytes. Exporte-o como CSV (no Excel: Salvar como, CSV UTF-8) e envie esse arquivo.",
		"Esto es un archivo binario, o UTF-16 sin marca de orden de bytes. Expórtelo como CSV (en Excel: Guardar como, CSV UTF-8) y envíe ese archivo.")
	FileNoBook = Define("file.noBook", "The input is not a workbook. Give the workbook as it was saved, or name the right type.",
		"A entrada não é uma pasta de trabalho. Envie a pasta de trabalho como foi salva ou informe o tipo certo.", "La entrada no es un libro. Envíe el libro tal como se guardó o indique el tipo correcto.")
	FileNoJSON = Define("file.noJSON", "The input is not JSON. JSON begins with { or [; a spreadsheet is given as CSV.",
		"A entrada não é JSON. JSON começa com { ou [; uma planilha é enviada como CSV.", "La entrada no es JSON. JSON empieza con { o [; una hoja de cálculo se envía como CSV.")
	FileGroups = Define("file.groups", `The value of groups is not a list. Write {"groups": [{…}, {…}]}.`,
		`O valor de groups não é uma lista. Escreva {"groups": [{…}, {…}]}.`, `El valor de groups no es una lista. Escriba {"groups": [{…}, {…}]}.`)
	FileNoKey = Define("file.noKey", `The object {{if .Text}}has no key of a group; it has {{.Text}}{{else}}is empty{{end}}. Write {"groups": [{…}, {…}]}, or one group: {"groupName": "…", "phones": ["…"]}.`,
		`O objeto {{if .Text}}não tem nenhuma chave de grupo; ele tem {{.Text}}{{else}}está vazio{{end}}. Escreva {"groups": [{…}, {…}]}, ou um grupo: {"groupName": "…", "phones": ["…"]}.`,
		`El objeto {{if .Text}}no tiene ninguna clave de grupo; tiene {{.Text}}{{else}}está vacío{{end}}. Escriba {"groups": [{…}, {…}]}, o un grupo: {"groupName": "…", "phones": ["…"]}.`)
)

// A table whose header or lines can mean several things.
var (
	FileGoogle = Define("file.google", "This is an export of Google Contacts: it has no column of group names. Its labels and its column Subject hold no group names. Add a column groupName with the group of each person, and keep one column of phones.",
		"Isto é uma exportação do Google Contatos: ela não tem coluna com nomes de grupos. Os marcadores e a coluna Subject não são nomes de grupos. Adicione uma coluna groupName com o grupo de cada pessoa e deixe uma só coluna de telefones.",
		"Esto es una exportación de Contactos de Google: no tiene columna con nombres de grupos. Sus etiquetas y su columna Subject no son nombres de grupos. Agregue una columna groupName con el grupo de cada persona y deje una sola columna de teléfonos.")
	FileNoHeader = Define("file.noHeader", "The first line has no column we know; it holds {{.Text}}. Name the columns in the first line, at least groupName and phones; docs/spreadsheets.md lists every name in four languages.",
		"A primeira linha não tem nenhuma coluna conhecida; ela contém {{.Text}}. Dê nome às colunas na primeira linha, ao menos groupName e phones; docs/spreadsheets.md lista todos os nomes em quatro idiomas.",
		"La primera línea no tiene ninguna columna conocida; contiene {{.Text}}. Nombre las columnas en la primera línea, al menos groupName y phones; docs/spreadsheets.md enumera todos los nombres en cuatro idiomas.")
	FileNoGroups = Define("file.noGroups", "The header in line {{.N}} has no column of group names; it holds {{.Text}}. Name the column that holds them groupName.",
		"O cabeçalho na linha {{.N}} não tem coluna com os nomes dos grupos; ele contém {{.Text}}. Dê o nome groupName à coluna que os traz.",
		"El encabezado de la línea {{.N}} no tiene una columna con los nombres de los grupos; contiene {{.Text}}. Llame groupName a la columna que los contiene.")
	FileNoPhones = Define("file.noPhones", "The header in line {{.N}} has no column of phones; it holds {{.Text}}. Name the column that holds them phones, or phone if each line is one person.",
		"O cabeçalho na linha {{.N}} não tem coluna de telefones; ele contém {{.Text}}. Dê o nome phones à coluna que os traz, ou phone se cada linha é uma pessoa.",
		"El encabezado de la línea {{.N}} no tiene una columna de teléfonos; contiene {{.Text}}. Llame phones a la columna que los contiene, o phone si cada línea es una persona.")
	FileAbove = Define("file.above", "Line {{.N}} stands above the header in line {{.M}} and looks like a row of the table. Put the header into the first line.",
		"A linha {{.N}} está acima do cabeçalho na linha {{.M}} e parece uma linha da tabela. Ponha o cabeçalho na primeira linha.",
		"La línea {{.N}} está sobre el encabezado en la línea {{.M}} y parece una fila de la tabla. Ponga el encabezado en la primera línea.")
	FileMerged = Define("file.merged", "Line {{.N}} and others have no group name, and each name stands in one line only: merged cells give their text to the first line alone. Write the name of the group into every line, and in the spreadsheet undo merged cells first.",
		"A linha {{.N}} e outras não têm nome de grupo, e cada nome está em uma só linha: células mescladas dão o texto só à primeira linha. Escreva o nome do grupo em cada linha e, na planilha, desfaça antes as células mescladas.",
		"La línea {{.N}} y otras no tienen nombre de grupo, y cada nombre está en una sola línea: las celdas combinadas dan su texto solo a la primera línea. Escriba el nombre del grupo en cada línea y, en la hoja de cálculo, separe antes las celdas combinadas.")
	FilePeople = Define("file.people", "The file names people and has several columns of phones: each line is a person with several phones, or a group."+sayItEnglish,
		"O arquivo traz nomes de pessoas e várias colunas de telefones: cada linha é uma pessoa com vários telefones ou um grupo."+sayItPortuguese,
		"El archivo trae nombres de personas y varias columnas de teléfonos: cada línea es una persona con varios teléfonos o un grupo."+sayItSpanish)
	FileSameName = Define("file.sameName", "The group {{.Text}} stands in lines {{.N}} and {{.M}} with different people: each line is a person of one group, or a group of its own."+sayItEnglish,
		"O grupo {{.Text}} está nas linhas {{.N}} e {{.M}} com pessoas diferentes: cada linha é uma pessoa de um grupo ou um grupo próprio."+sayItPortuguese,
		"El grupo {{.Text}} está en las líneas {{.N}} y {{.M}} con personas distintas: cada línea es una persona de un grupo o un grupo propio."+sayItSpanish)
	FileOtherRepeats = Define("file.otherRepeats", "Each line has another name and one phone, while the column {{.Text}} repeats: each line is a person, or a group."+sayItEnglish+" If the column {{.Text}} holds the groups, name it groupName.",
		"Cada linha tem outro nome e um telefone, e a coluna {{.Text}} se repete: cada linha é uma pessoa ou um grupo."+sayItPortuguese+" Se a coluna {{.Text}} traz os grupos, dê a ela o nome groupName.",
		"Cada línea tiene otro nombre y un teléfono, y la columna {{.Text}} se repite: cada línea es una persona o un grupo."+sayItSpanish+" Si la columna {{.Text}} contiene los grupos, llámela groupName.")
	FileGroupDiffers = Define("file.groupDiffers", "Each line has another group name, while the column {{.Text}} repeats. Name the column that holds the groups groupName, and give the other one a name of its own; or say --one-row-is person (oneRowIs=) if each line really is a group of one.",
		"Cada linha tem outro nome de grupo, e a coluna {{.Text}} se repete. Dê o nome groupName à coluna que traz os grupos e um nome próprio à outra; ou informe --one-row-is person (oneRowIs=) se cada linha é mesmo um grupo de uma pessoa.",
		"Cada línea tiene otro nombre de grupo, y la columna {{.Text}} se repite. Llame groupName a la columna que contiene los grupos y dé a la otra un nombre propio; o indique --one-row-is person (oneRowIs=) si cada línea es de verdad un grupo de una persona.")
	FileTwoPhones = Define("file.twoPhones", "Line {{.N}} has phones in several columns: each line is a person with several phones, or a group. Say it: --one-row-is person (all phones of a line join the group of its name), or --one-row-is group (oneRowIs=). To use one column only, delete the other.",
		"A linha {{.N}} tem telefones em várias colunas: cada linha é uma pessoa com vários telefones ou um grupo. Informe: --one-row-is person (todos os telefones de uma linha entram no grupo do nome dela) ou --one-row-is group (oneRowIs=). Para usar uma só coluna, apague a outra.",
		"La línea {{.N}} tiene teléfonos en varias columnas: cada línea es una persona con varios teléfonos o un grupo. Indíquelo: --one-row-is person (todos los teléfonos de una línea entran en el grupo de su nombre) o --one-row-is group (oneRowIs=). Para usar una sola columna, borre la otra.")
	FileTwoGroups = Define("file.twoGroups", "Line {{.N}} names more than one group of a person, and only the first would be used. Write a line for each group of a person, or delete the columns of further groups.",
		"A linha {{.N}} traz mais de um grupo de uma pessoa, e só o primeiro seria usado. Escreva uma linha para cada grupo de uma pessoa ou apague as colunas dos outros grupos.",
		"La línea {{.N}} nombra más de un grupo de una persona, y solo se usaría el primero. Escriba una línea para cada grupo de una persona o borre las columnas de los demás grupos.")
)

const (
	sayItEnglish    = " Say it: --one-row-is person (a person; the lines of one name are one group), or --one-row-is group (oneRowIs=)."
	sayItPortuguese = " Informe: --one-row-is person (uma pessoa; as linhas de um nome são um grupo) ou --one-row-is group (oneRowIs=)."
	sayItSpanish    = " Indíquelo: --one-row-is person (una persona; las líneas de un nombre son un grupo) o --one-row-is group (oneRowIs=)."
)

// A list of people that is not whole.
var (
	ListHiddenRows = Define("list.hiddenRows", "The sheet hides rows that hold text, the first of them row {{.N}}: some people of the list would be missing. Show them, or delete them.",
		"A planilha oculta linhas com texto, a primeira delas a linha {{.N}}: algumas pessoas da lista faltariam. Mostre-as ou apague-as.",
		"La hoja oculta filas con texto, la primera de ellas la fila {{.N}}: faltarían algunas personas de la lista. Muéstrelas o bórrelas.")
	ListFault = Define("list.fault", "{{.Why}} Some people of the list would be missing.", "{{.Why}} Algumas pessoas da lista faltariam.", "{{.Why}} Faltarían algunas personas de la lista.")
	ListLine  = Define("list.line", "Line {{.N}} of the list is damaged: a quote is missing, or it holds bytes that are not text. Some people of the list would be missing. Correct that line, or export the file again as UTF-8.",
		"A linha {{.N}} da lista está danificada: falta uma aspa ou ela contém bytes que não são texto. Algumas pessoas da lista faltariam. Corrija essa linha ou exporte o arquivo de novo em UTF-8.",
		"La línea {{.N}} de la lista está dañada: falta una comilla o contiene bytes que no son texto. Faltarían algunas personas de la lista. Corrija esa línea o exporte el archivo de nuevo en UTF-8.")
)

// A workbook that cannot be read, by internal/intake/workbook.
var (
	BookOld = Define("book.old", "This is a workbook of the old Excel format (.xls). Save it as .xlsx or CSV and give that file.",
		"Isto é uma pasta de trabalho do formato antigo do Excel (.xls). Salve-a como .xlsx ou CSV e envie esse arquivo.", "Esto es un libro del formato antiguo de Excel (.xls). Guárdelo como .xlsx o CSV y envíe ese archivo.")
	BookEncrypted = Define("book.encrypted", "This workbook is encrypted with a password. Save it without a password and give that file.",
		"Esta pasta de trabalho está protegida por senha. Salve-a sem senha e envie esse arquivo.", "Este libro está cifrado con una contraseña. Guárdelo sin contraseña y envíe ese archivo.")
	BookNoTable   = Define("book.noTable", "This is an OpenDocument file, but not a spreadsheet."+asTableEnglish, "Isto é um arquivo OpenDocument, mas não uma planilha."+asTablePortuguese, "Esto es un archivo OpenDocument, pero no una hoja de cálculo."+asTableSpanish)
	BookBinary    = Define("book.binary", "This is a binary Excel workbook (.xlsb)."+asTableEnglish, "Isto é uma pasta de trabalho binária do Excel (.xlsb)."+asTablePortuguese, "Esto es un libro binario de Excel (.xlsb)."+asTableSpanish)
	BookNumbers   = Define("book.numbers", "This is an Apple Numbers document."+asTableEnglish, "Isto é um documento do Apple Numbers."+asTablePortuguese, "Esto es un documento de Apple Numbers."+asTableSpanish)
	BookWord      = Define("book.word", "This is a Word document."+asTableEnglish, "Isto é um documento do Word."+asTablePortuguese, "Esto es un documento de Word."+asTableSpanish)
	BookZip       = Define("book.zip", "This is a ZIP archive, not a workbook."+asTableEnglish, "Isto é um arquivo ZIP, não uma pasta de trabalho."+asTablePortuguese, "Esto es un archivo ZIP, no un libro."+asTableSpanish)
	BookNoVisible = Define("book.noVisible", "The workbook has no visible sheet. Unhide the sheet, or name it with --sheet (sheet=).",
		"A pasta de trabalho não tem planilha visível. Reexiba a planilha ou informe-a com --sheet (sheet=).", "El libro no tiene ninguna hoja visible. Muestre la hoja o nómbrela con --sheet (sheet=).")
	BookNoSheet = Define("book.noSheet", "The workbook has no sheet called {{.Text}}. The sheets are {{.Place}}.",
		"A pasta de trabalho não tem planilha com o nome {{.Text}}. As planilhas são {{.Place}}.", "El libro no tiene ninguna hoja con el nombre {{.Text}}. Las hojas son {{.Place}}.")

	FileGroupsTooLarge = Define("file.groupsTooLarge", "Each line of the file is a person, and the names, texts and metadata of its groups have more than {{.N}} MiB together. Divide the file; keep the lines of a group together.",
		"Cada linha do arquivo é uma pessoa, e os nomes, textos e metadados dos seus grupos têm juntos mais de {{.N}} MiB. Divida o arquivo; deixe juntas as linhas de um grupo.",
		"Cada línea del archivo es una persona, y los nombres, textos y metadatos de sus grupos tienen juntos más de {{.N}} MiB. Divida el archivo; deje juntas las líneas de un grupo.")
	BookTooLarge = Define("book.tooLarge", "The workbook has more than {{.N}} MiB. Divide it into several files.",
		"A pasta de trabalho tem mais de {{.N}} MiB. Divida-a em vários arquivos.", "El libro tiene más de {{.N}} MiB. Divídalo en varios archivos.")
	BookTooMuchText = Define("book.tooMuchText", "The sheet{{if .Text}} {{.Text}}{{end}} holds more than {{.N}} MiB of text. Divide it into several files.",
		"A planilha{{if .Text}} {{.Text}}{{end}} contém mais de {{.N}} MiB de texto. Divida-a em vários arquivos.", "La hoja{{if .Text}} {{.Text}}{{end}} contiene más de {{.N}} MiB de texto. Divídala en varios archivos.")
	BookLongText = Define("book.longText", "The part {{if .Text}}{{.Text}} {{end}}of the workbook holds one text of more than {{.N}} MiB. No cell of a spreadsheet program is that long: save the table again with such a program.",
		"A parte {{if .Text}}{{.Text}} {{end}}da pasta de trabalho contém um único texto de mais de {{.N}} MiB. Nenhuma célula de um programa de planilhas é tão longa: salve a tabela de novo com um desses programas.",
		"La parte {{if .Text}}{{.Text}} {{end}}del libro contiene un solo texto de más de {{.N}} MiB. Ninguna celda de un programa de hojas de cálculo es tan larga: guarde la tabla de nuevo con uno de ellos.")
	BookUnpacks = Define("book.unpacks", "The part {{if .Text}}{{.Text}} {{end}}of the workbook unpacks to more than {{.N}} MiB. Divide the table into several files.",
		"A parte {{if .Text}}{{.Text}} {{end}}da pasta de trabalho ocupa mais de {{.N}} MiB descompactada. Divida a tabela em vários arquivos.",
		"La parte {{if .Text}}{{.Text}} {{end}}del libro ocupa más de {{.N}} MiB descomprimida. Divida la tabla en varios archivos.")

	BookCut     = Define("book.cut", "The workbook is damaged or cut off: it is not a whole ZIP archive. Copy or download it again.", "A pasta de trabalho está danificada ou cortada: não é um arquivo ZIP inteiro. Copie-a ou baixe-a de novo.", "El libro está dañado o cortado: no es un archivo ZIP completo. Cópielo o descárguelo de nuevo.")
	BookRows    = Define("book.rows", "The sheet{{if .Text}} {{.Text}}{{end}} has a row {{.N}}; a sheet has at most {{.M}}."+saveAgainEnglish, "A planilha{{if .Text}} {{.Text}}{{end}} tem uma linha {{.N}}; uma planilha tem no máximo {{.M}}."+saveAgainPortuguese, "La hoja{{if .Text}} {{.Text}}{{end}} tiene una fila {{.N}}; una hoja tiene como máximo {{.M}}."+saveAgainSpanish)
	BookColumns = Define("book.columns", "The workbook is damaged: row {{.N}} has a column beyond {{.Place}}."+saveAgainEnglish, "A pasta de trabalho está danificada: a linha {{.N}} tem uma coluna além de {{.Place}}."+saveAgainPortuguese, "El libro está dañado: la fila {{.N}} tiene una columna más allá de {{.Place}}."+saveAgainSpanish)
	BookNoText  = Define("book.noText", "The workbook is damaged: a cell of row {{.N}} names a text that is not there."+saveAgainEnglish, "A pasta de trabalho está danificada: uma célula da linha {{.N}} indica um texto que não existe."+saveAgainPortuguese, "El libro está dañado: una celda de la fila {{.N}} indica un texto que no existe."+saveAgainSpanish)

	BookNoPart = Define("book.noPart", "The workbook is damaged: its part{{if .Text}} {{.Text}}{{end}} is missing."+saveAgainEnglish, "A pasta de trabalho está danificada: falta a parte{{if .Text}} {{.Text}}{{end}} dela."+saveAgainPortuguese, "El libro está dañado: falta su parte{{if .Text}} {{.Text}}{{end}}."+saveAgainSpanish)
	BookLocked = Define("book.locked", "The workbook is damaged or encrypted: its part{{if .Text}} {{.Text}}{{end}} cannot be unpacked."+saveAgainEnglish, "A pasta de trabalho está danificada ou cifrada: a parte{{if .Text}} {{.Text}}{{end}} dela não pode ser descompactada."+saveAgainPortuguese, "El libro está dañado o cifrado: su parte{{if .Text}} {{.Text}}{{end}} no se puede descomprimir."+saveAgainSpanish)
	BookPacked = Define("book.packed", "The workbook is damaged: its part{{if .Text}} {{.Text}}{{end}} cannot be unpacked."+saveAgainEnglish, "A pasta de trabalho está danificada: a parte{{if .Text}} {{.Text}}{{end}} dela não pode ser descompactada."+saveAgainPortuguese, "El libro está dañado: su parte{{if .Text}} {{.Text}}{{end}} no se puede descomprimir."+saveAgainSpanish)
	BookXML    = Define("book.xml", "The workbook is damaged: its part{{if .Text}} {{.Text}}{{end}} is not valid XML."+saveAgainEnglish, "A pasta de trabalho está danificada: a parte{{if .Text}} {{.Text}}{{end}} dela não é XML válido."+saveAgainPortuguese, "El libro está dañado: su parte{{if .Text}} {{.Text}}{{end}} no es XML válido."+saveAgainSpanish)
	BookEnds   = Define("book.ends", "The workbook is damaged: its part{{if .Text}} {{.Text}}{{end}} is cut off."+saveAgainEnglish, "A pasta de trabalho está danificada: a parte{{if .Text}} {{.Text}}{{end}} dela está cortada."+saveAgainPortuguese, "El libro está dañado: su parte{{if .Text}} {{.Text}}{{end}} está cortada."+saveAgainSpanish)
)

const (
	asTableEnglish      = " Save the table as .xlsx, .ods or CSV and give that file."
	asTablePortuguese   = " Salve a tabela como .xlsx, .ods ou CSV e envie esse arquivo."
	asTableSpanish      = " Guarde la tabla como .xlsx, .ods o CSV y envíe ese archivo."
	saveAgainEnglish    = " Open it in the program that wrote it, save it again as .xlsx or CSV, and give that file."
	saveAgainPortuguese = " Abra-a no programa que a escreveu, salve-a de novo como .xlsx ou CSV e envie esse arquivo."
	saveAgainSpanish    = " Ábralo en el programa que lo escribió, guárdelo de nuevo como .xlsx o CSV y envíe ese archivo."
)
