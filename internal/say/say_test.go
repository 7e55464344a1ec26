package say_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	_ "github.com/rollcallhq/rollcall/internal/provider/all" // the providers register their sentences
	"github.com/rollcallhq/rollcall/internal/say"
)

var (
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	full = say.Phrase{
		Name: "alpha", Place: "default", Kind: "create", Text: "said outside", N: 2, M: 3, Of: 4, PerDay: 20,
		Every: 5 * time.Minute, From: 21 * time.Hour, To: 8 * time.Hour, At: noon, Until: noon.Add(time.Hour),
		Why: []say.Phrase{say.Words("so told")},
	}
)

// phrases returns a code without parameters, and with all of them for one thing and for two, of each kind.
func phrases(code say.Code) []say.Phrase {
	all := []say.Phrase{{Code: code}}
	for _, n := range []int{1, 2} {
		for _, kind := range []string{
			"create", "invite", "numberCheck", "send", "add", "read", "paused", "disconnected", "restricted", "unauthorized", "starting", "wrongType", "sealed", "damaged",
		} {
			p := full
			p.Code, p.N, p.M, p.Kind = code, n, n, kind
			all = append(all, p)
		}
	}
	return all
}

func TestSay_SaysEveryCodeInEveryLanguage(t *testing.T) {
	t.Parallel()
	codes := say.Codes()
	if len(codes) < 550 {
		t.Errorf("only %d codes", len(codes))
	}
	for _, code := range codes {
		for _, l := range say.Languages() {
			for _, p := range phrases(code) {
				said := say.Voice{Language: l}.Say(p)
				if said == "" && !p.Zero() && p.Name != "" || said == string(code) && strings.ContainsAny(said, ".-") {
					t.Errorf("%s in %s says %q, want a sentence", code, l, said)
				}
				for _, wrong := range []string{"{{", "<no value>", "%!", "%d", "%s"} {
					if strings.Contains(said, wrong) {
						t.Errorf("%s in %s says %q, want no %q in it", code, l, said, wrong)
					}
				}
			}
		}
	}
}

// Each parameter that the English sentence has, the other languages have as often, except for words that are translated.
func TestSay_TellsTheSameInEveryLanguage(t *testing.T) {
	t.Parallel()
	marks := []string{"alpha", "default", "said outside", "2", "3", "4", "20", "5m", "21:00", "08:00", "2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z", "so told"}
	for _, code := range say.Codes() {
		p := full
		p.Code = code
		english := say.Voice{}.Say(p)
		for _, l := range say.Languages() {
			said := say.Voice{Language: l}.Say(p)
			for _, mark := range marks {
				if strings.Count(english, mark) != strings.Count(said, mark) {
					t.Errorf("%s in %s has %q more or less often than in English:\n%q, in English\n%q", code, l, mark, said, english)
				}
			}
		}
	}
}

func TestVoice_SaysComposedSentences(t *testing.T) {
	t.Parallel()
	clock := func(t time.Time) string { return t.In(time.FixedZone("-03", -3*3600)).Format("15:04") }
	shut := say.Phrase{Code: say.ShutRestOf, Name: "alpha", Kind: "create", Until: noon, Why: []say.Phrase{{Code: say.QuotaUsed, Kind: "create"}}}
	for _, c := range []struct {
		phrase              say.Phrase
		english, portuguese string
		spanish             string
	}{
		{
			say.Phrase{Code: say.WaitTurn, Name: "alpha", N: 2, Every: 5 * time.Minute, PerDay: 20},
			"its turn at alpha: 2 groups are before it, one every 5m, 20 a day",
			"a vez dele em alpha: 2 grupos estão antes dele, um a cada 5m, 20 por dia",
			"su turno en alpha: 2 grupos están antes, uno cada 5m, 20 por día",
		},
		{
			say.Phrase{Code: say.WaitInvites, Name: "alpha", N: 3, M: 1, Of: 4},
			"3 invitations and a person to add: 4 are queued at alpha, one after the other",
			"3 convites e uma pessoa a adicionar: 4 na fila em alpha, um após o outro",
			"3 invitaciones y una persona por agregar: 4 en la cola de alpha, uno tras otro",
		},
		{
			say.Phrase{Code: say.WaitInstance, Why: []say.Phrase{shut}},
			"the instance: alpha makes no creates until 2026-11-22T12:00:00Z (the provider's quota for creating groups, which is used up for this month: raise the plan, or wait for the next month)",
			"a instância: alpha não cria grupos até 09:00 (a cota do provedor para criar grupos, que acabou neste mês: aumente o plano ou espere o próximo mês)",
			"la instancia: alpha no crea grupos hasta 09:00 (la cuota del proveedor para crear grupos, que se agotó este mes: amplíe el plan o espere al próximo mes)",
		},
		{
			say.Phrase{Code: say.InviteUnknown, Why: []say.Phrase{{Code: say.CallTimeout, Kind: "invite", Every: 30 * time.Second}, {Code: say.CallNoReason}}},
			"the provider did not say whether it sent the invitation (no answer within 30s (timeouts.invite)), and its queue and journal cannot be read: no reason given",
			"o provedor não disse se enviou o convite (sem resposta em 30s (timeouts.invite)), e a fila e o registro dele não podem ser lidos: sem motivo informado",
			"el proveedor no dijo si envió la invitación (sin respuesta en 30s (timeouts.invite)), y su cola y su registro no se pueden leer: sin motivo indicado",
		},
		{say.Words("words of a provider, until 2026-11-22T12:00:00Z"), "words of a provider, until 2026-11-22T12:00:00Z", "words of a provider, until 2026-11-22T12:00:00Z", "words of a provider, until 2026-11-22T12:00:00Z"},
		{say.Phrase{Code: "of a newer version"}, "of a newer version", "of a newer version", "of a newer version"},
		{say.Phrase{}, "", "", ""},
	} {
		for got, want := range map[string]string{
			c.phrase.String(): c.english,
			(say.Voice{Language: say.Portuguese, Time: clock}).Say(c.phrase): c.portuguese,
			(say.Voice{Language: say.Spanish, Time: clock}).Say(c.phrase):    c.spanish,
		} {
			if got != want {
				t.Errorf("%s says\n%q, want\n%q", c.phrase.Code, got, want)
			}
		}
	}
}

func TestPhrase_IsAnEnglishSentenceInJSON(t *testing.T) {
	t.Parallel()
	p := say.Phrase{Code: say.WaitTime, At: noon}
	data, err := json.Marshal(map[string]say.Phrase{"waitingFor": p, "nothing": {}})
	if want := `{"nothing":"","waitingFor":"its time: it must not be created before 2026-11-22T12:00:00Z"}`; err != nil || string(data) != want {
		t.Errorf("JSON %s, %v, want %s", data, err, want)
	}
}

func TestPhrase_IsStoredAsCodeAndParameters(t *testing.T) {
	t.Parallel()
	p := full
	p.Code, p.Why = say.ShutRest, []say.Phrase{{Code: say.RestsLimited, Text: "overlimit"}}
	text := func(p say.Phrase) string { return say.Voice{Language: say.Spanish}.Say(p) }

	data, err := json.Marshal(say.Kept(p))
	var kept say.Kept
	if err == nil {
		err = json.Unmarshal(data, &kept)
	}
	if err != nil || text(say.Phrase(kept)) != text(p) || strings.Contains(string(data), "makes no calls") {
		t.Errorf("as JSON %s: %v, %q", data, err, text(say.Phrase(kept)))
	}

	mode, err := cbor.EncOptions{Time: cbor.TimeRFC3339NanoUTC}.EncMode()
	if err != nil {
		t.Fatal(err)
	}
	data, err = mode.Marshal(p)
	var back say.Phrase
	if err == nil {
		err = cbor.Unmarshal(data, &back)
	}
	if err != nil || text(back) != text(p) || strings.Contains(string(data), "makes no calls") {
		t.Errorf("as CBOR %x: %v, %q", data, err, text(back))
	}
}
