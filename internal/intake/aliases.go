package intake

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// field is what a column or a JSON key means, by its JSON name.
type field string

const (
	groupName      field = "groupName"
	phones         field = "phones"      // several in a cell
	onePhone       field = "phone"       // the phone of one person per line, or phone1…phoneN
	areaCode       field = "areaCode"    // a column beside phones written without their area code
	countryCode    field = "countryCode" // likewise
	countryName    field = "country"     // a column with the home country of the line's phones
	chatIDs        field = "chatIds"
	personNames    field = "names" // in JSON: names by phone
	autoInvite     field = "autoInvite"
	instance       field = "instance"
	pool           field = "pool"
	priority       field = "priority"
	idempotencyKey field = "idempotencyKey"
	externalRef    field = "externalRef"
	notBefore      field = "notBefore"
	expiresAt      field = "expiresAt"
	inviteMessage  field = "inviteMessage"
	metadata       field = "metadata"
	consent        field = "consent"
	consentSource  field = "consentSource" // columns for the two parts of consent
	consentAt      field = "consentAt"
	description    field = "description"
	photo          field = "photo"
	admins         field = "admins"
	welcomeMessage field = "welcomeMessage"
	settings       field = "settings" // in JSON; a file has one column for each of:
	onlyAdminsSend field = "onlyAdminsSend"
	onlyAdminsEdit field = "onlyAdminsEdit"
	onlyAdminsAdd  field = "onlyAdminsAdd"
	approveJoins   field = "approveJoins"
)

// alias is one field and the headers that mean it, by language. docs/spreadsheets.md shows this
// table; a test compares the two.
type alias struct {
	field              field
	english            []string
	portuguese         []string
	spanish            []string
	russian            []string
	onlyWithoutABetter bool // a weak name: see columnsOf
	alsoOfPeople       bool // a weak name that counts in a list of people too
	notOfPeople        bool // ignored in a list of people, where it may describe the person
}

func aliases() []alias {
	return []alias{
		{
			field:      groupName,
			english:    []string{"groupName", "group", "group title", "subject"},
			portuguese: []string{"nome do grupo", "grupo", "título do grupo"},
			spanish:    []string{"nombre del grupo", "grupo", "título del grupo"},
			russian:    []string{"название группы", "группа", "имя группы"},
		},
		{
			field:              groupName,
			english:            []string{"class"},
			portuguese:         []string{"turma"},
			spanish:            []string{"clase"},
			russian:            []string{"класс"},
			onlyWithoutABetter: true,
			alsoOfPeople:       true,
		},
		{
			field:              groupName,
			english:            []string{"name", "title"},
			portuguese:         []string{"nome", "título"},
			spanish:            []string{"nombre", "título"},
			russian:            []string{"название", "имя"},
			onlyWithoutABetter: true,
		},
		{
			field:      phones,
			english:    []string{"phones", "phone numbers", "numbers", "telephones", "mobiles", "WhatsApps", "participants", "members", "contacts"},
			portuguese: []string{"telefones", "números", "celulares", "fones", "participantes", "membros", "contatos"},
			spanish:    []string{"teléfonos", "números", "celulares", "móviles", "participantes", "miembros", "contactos"},
			russian:    []string{"телефоны", "номера", "номера телефонов", "участники", "контакты"},
		},
		{
			field:      onePhone,
			english:    []string{"phone", "phone number", "number", "telephone", "tel", "mobile", "cell", "cell phone", "WhatsApp"},
			portuguese: []string{"telefone", "número", "celular", "fone", "número de telefone"},
			spanish:    []string{"teléfono", "número", "celular", "móvil", "número de teléfono"},
			russian:    []string{"телефон", "номер", "номер телефона", "мобильный"},
		},
		{
			field:              onePhone,
			portuguese:         []string{"contato"},
			spanish:            []string{"contacto"},
			russian:            []string{"контакт"},
			onlyWithoutABetter: true,
		},
		{
			field:      areaCode,
			english:    []string{"area code"},
			portuguese: []string{"DDD", "código de área"},
			spanish:    []string{"código de área", "lada"},
			russian:    []string{"код города"},
		},
		{
			field:      countryCode,
			english:    []string{"country code", "calling code", "dialing code"},
			portuguese: []string{"DDI", "código do país"},
			spanish:    []string{"código de país", "código del país"},
			russian:    []string{"код страны"},
		},
		{
			field:      countryName,
			english:    []string{"country", "country/region", "person country"},
			portuguese: []string{"país", "país/região"},
			spanish:    []string{"país", "país/región"},
			russian:    []string{"страна"},
		},
		{
			field:      chatIDs,
			english:    []string{"chatIds", "chatId"},
			portuguese: []string{"ids de chat"},
			spanish:    []string{"ids de chat"},
			russian:    []string{"id чатов"},
		},
		{
			field:      autoInvite,
			english:    []string{"autoInvite", "invite", "automatic invitation"},
			portuguese: []string{"convite automático", "convidar", "convite"},
			spanish:    []string{"invitación automática", "invitar", "invitación"},
			russian:    []string{"автоприглашение", "приглашать", "приглашение"},
		},
		{
			field:      instance,
			english:    []string{"instance"},
			portuguese: []string{"instância"},
			spanish:    []string{"instancia"},
			russian:    []string{"инстанс", "экземпляр"},
		},
		{
			field:      pool,
			english:    []string{"pool"},
			portuguese: []string{"conjunto"},
			spanish:    []string{"conjunto"},
			russian:    []string{"пул"},
		},
		{
			field:      priority,
			english:    []string{"priority"},
			portuguese: []string{"prioridade"},
			spanish:    []string{"prioridad"},
			russian:    []string{"приоритет"},
		},
		{
			field:      idempotencyKey,
			english:    []string{"idempotencyKey", "key"},
			portuguese: []string{"chave de idempotência", "chave"},
			spanish:    []string{"clave de idempotencia", "clave"},
			russian:    []string{"ключ идемпотентности", "ключ"},
		},
		{
			field:      externalRef,
			english:    []string{"externalRef", "external reference", "reference", "ref", "external id"},
			portuguese: []string{"referência", "referência externa", "id externo"},
			spanish:    []string{"referencia", "referencia externa", "id externo"},
			russian:    []string{"внешний id", "внешняя ссылка", "референс"},
		},
		{
			field:      notBefore,
			english:    []string{"notBefore"},
			portuguese: []string{"não antes de", "a partir de"},
			spanish:    []string{"no antes de", "a partir de"},
			russian:    []string{"не раньше"},
		},
		{
			field:      expiresAt,
			english:    []string{"expiresAt", "expires"},
			portuguese: []string{"expira em", "válido até"},
			spanish:    []string{"expira", "válido hasta"},
			russian:    []string{"действует до", "истекает"},
		},
		{
			field:      inviteMessage,
			english:    []string{"inviteMessage", "invitation text", "message"},
			portuguese: []string{"mensagem de convite", "mensagem"},
			spanish:    []string{"mensaje de invitación", "mensaje"},
			russian:    []string{"текст приглашения", "сообщение"},
		},
		{
			field:      metadata,
			english:    []string{"metadata"},
			portuguese: []string{"metadados"},
			spanish:    []string{"metadatos"},
			russian:    []string{"метаданные"},
		},
		{
			field:      consentSource,
			english:    []string{"consentSource", "consent", "opt-in", "opt-in source"},
			portuguese: []string{"consentimento", "origem do consentimento", "autorização"},
			spanish:    []string{"consentimiento", "origen del consentimiento", "autorización"},
			russian:    []string{"согласие", "источник согласия"},
		},
		{
			field:      consentAt,
			english:    []string{"consentAt", "consent date", "opt-in date"},
			portuguese: []string{"data do consentimento", "consentimento em"},
			spanish:    []string{"fecha del consentimiento", "consentimiento el"},
			russian:    []string{"дата согласия"},
		},
		{
			field:      description,
			english:    []string{"group description"},
			portuguese: []string{"descrição do grupo"},
			spanish:    []string{"descripción del grupo"},
			russian:    []string{"описание группы"},
		},
		{
			field:       description,
			english:     []string{"description"},
			portuguese:  []string{"descrição"},
			spanish:     []string{"descripción"},
			russian:     []string{"описание"},
			notOfPeople: true,
		},
		{
			field:      photo,
			english:    []string{"group photo", "group picture"},
			portuguese: []string{"foto do grupo", "imagem do grupo"},
			spanish:    []string{"foto del grupo", "imagen del grupo"},
			russian:    []string{"фото группы"},
		},
		{
			field:       photo,
			english:     []string{"photo", "picture", "profileImage"},
			portuguese:  []string{"foto", "imagem"},
			spanish:     []string{"foto", "imagen"},
			russian:     []string{"фото"},
			notOfPeople: true,
		},
		{
			field:      admins,
			english:    []string{"admins", "administrators", "group admins"},
			portuguese: []string{"administradores", "admins do grupo"},
			spanish:    []string{"administradores", "admins del grupo"},
			russian:    []string{"администраторы", "админы"},
		},
		{
			field:      welcomeMessage,
			english:    []string{"welcomeMessage", "welcome"},
			portuguese: []string{"mensagem de boas-vindas", "boas-vindas"},
			spanish:    []string{"mensaje de bienvenida", "bienvenida"},
			russian:    []string{"приветствие", "приветственное сообщение"},
		},
		{
			field:      onlyAdminsSend,
			english:    []string{"onlyAdminsSend", "adminOnlyMessage", "only admins write"},
			portuguese: []string{"só admins escrevem", "somente admins enviam"},
			spanish:    []string{"solo admins escriben", "solo admins envían"},
			russian:    []string{"пишут только админы"},
		},
		{
			field:      onlyAdminsEdit,
			english:    []string{"onlyAdminsEdit", "adminOnlySettings"},
			portuguese: []string{"só admins editam", "somente admins editam"},
			spanish:    []string{"solo admins editan"},
			russian:    []string{"изменяют только админы"},
		},
		{
			field:      onlyAdminsAdd,
			english:    []string{"onlyAdminsAdd", "adminOnlyAddMember"},
			portuguese: []string{"só admins adicionam", "somente admins adicionam"},
			spanish:    []string{"solo admins añaden", "solo admins agregan"},
			russian:    []string{"добавляют только админы"},
		},
		{
			field:      approveJoins,
			english:    []string{"approveJoins", "requireAdminApproval", "approve new members"},
			portuguese: []string{"aprovar entradas", "aprovar novos membros"},
			spanish:    []string{"aprobar ingresos", "aprobar nuevos miembros"},
			russian:    []string{"одобрять вступление", "одобрение участников"},
		},
	}
}

func (a alias) words() []string {
	return slices.Concat(a.english, a.portuguese, a.spanish, a.russian)
}

// meaning is a field that a header can mean, and how sure that is.
type meaning struct {
	field    field
	weak     bool
	class    bool // weak, but never the header of people's names
	numbered bool // phone1…phoneN, group1…groupN
	ofGroups bool // means the field only where a line is a group
}

// dictionary maps folded headers to meanings.
func dictionary() map[string]meaning {
	d := make(map[string]meaning)
	for _, a := range aliases() {
		for _, word := range a.words() {
			if key := foldHeader(word); d[key].field == "" || d[key].weak {
				d[key] = meaning{field: a.field, weak: a.onlyWithoutABetter, class: a.alsoOfPeople, ofGroups: a.notOfPeople}
			}
		}
	}
	return d
}

// meaningOf returns what a header means. It also knows numbered headers: telefone1, "phone 2" and group1.
func meaningOf(d map[string]meaning, header string) (meaning, bool) {
	header = codeNotes.ReplaceAllString(header, "")
	key := foldHeader(header)
	if m, ok := d[key]; ok {
		return m, true
	}
	if base := strings.TrimRight(key, "0123456789"); base != key {
		switch m := d[base]; {
		case m.field == phones, m.field == onePhone:
			return meaning{field: onePhone, numbered: true}, true
		case base == "group" && !strings.Contains(header, " "): // Moodle's export; "Turma 1" is the name of a group
			return meaning{field: groupName, weak: true, class: true, numbered: true}, true
		}
	}
	if isQualifiedPhone(header) {
		return meaning{field: onePhone}, true
	}
	return meaning{}, false
}

// codeNotes are the words by which a form asks for a phone with its codes: "WhatsApp (com DDD)".
var codeNotes = regexp.MustCompile(`(?i)[\s(]+(?:com|con|with)\s+(?:o\s+|el\s+|the\s+|la\s+)?` + codeWord + `(?:\s*(?:e|y|and|\+|/)\s*` + codeWord + `)?\)?\s*$`)

const codeWord = `(?:DDD|DDI|lada|(?:area|country) code|código (?:de área|do país|de país))`

// Words in the headers of phone columns that CRMs and address books export: "Person - Phone - Work"
// (Pipedrive), "Mobile Phone Number" (HubSpot), "Outro telefone" (Kommo), "Мобильный телефон" (Bitrix24), "Phone 1 -
// Value" (Google), and in the questions of forms: "Qual é o seu WhatsApp?". A header with any other word, such as
// "Telefone da mãe", means the phone of another person, or no phone.
var (
	phoneWords = wordSet("phone phones telephone tel mobile cell cellphone whatsapp telefone celular fone telefono movil телефон мобильныи сотовыи")
	phoneKinds = wordSet("number value work home business office other primary direct main personal private person contact sms marketing " +
		"numero trabalho comercial residencial casa outro principal pessoal pessoa contato direto do de " +
		"trabajo otro personal persona contacto directo del " +
		"qual e o seu cual es su tu what is your " +
		"номер рабочии домашнии другои прямои основнои личныи контакта для рассылок")
)

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// isQualifiedPhone reports whether a header is made only of words for a phone, words for its kind, and digits.
func isQualifiedPhone(header string) bool {
	isPhone := false
	for _, w := range strings.FieldsFunc(header, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) }) {
		w = strings.Trim(foldHeader(w), "0123456789")
		isPhone = isPhone || phoneWords[w]
		if w != "" && !phoneWords[w] && !phoneKinds[w] {
			return false
		}
	}
	return isPhone
}

// foldHeader returns a header in a form for comparing: only letters and digits, in lower case and without accents, so
// that "Group name", "group_name" and "groupName" are equal.
func foldHeader(header string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(header))
}
