package admin

import (
	"regexp"
	"time"

	"github.com/rollcallhq/rollcall/internal/clock"
)

// saying translates a sentence that other rooms compose in English: what a group waits for, why an
// instance does not work. Names, numbers and a provider's own words stay as they are; moments are
// written by the view's clock.
func (g tongue) saying(text string, now time.Time) string {
	said := translate(g.lang, text)
	if said == text && g.lang == portuguese {
		for _, p := range phrases {
			said = p.english.ReplaceAllString(said, p.portuguese)
		}
	}
	return clock.Say(said, func(t time.Time) string { return g.time(t, now) })
}

type phrase struct {
	english    *regexp.Regexp
	portuguese string
}

// phrases are the parts of internal/status' sentences, the longer ones first.
var phrases = func() []phrase {
	var all []phrase
	for _, p := range [][2]string{
		{`^(\S+) is configured with one create per (\S+); slower is possible here, quicker only in rollcall\.yaml`, `$1 está configurada com uma criação a cada $2; mais devagar é possível aqui, mais rápido só no rollcall.yaml`},
		{`^(\S+) is configured with one invite per (\S+); slower is possible here, quicker only in rollcall\.yaml`, `$1 está configurada com um convite a cada $2; mais devagar é possível aqui, mais rápido só no rollcall.yaml`},
		{`^(\S+) is configured with at most (\d+) (?:create|invite)s a day; fewer are possible here, more only in rollcall\.yaml`, `$1 está configurada com no máximo $2 por dia; menos é possível aqui, mais só no rollcall.yaml`},
		{`^no pace was given: .*`, `nenhum ritmo foi informado: preencha ao menos um campo, ou volte ao ritmo configurado.`},
		{`^a worker: no worker serves the (pool|instance) (\S+)`, `um worker: nenhum worker atende $2`},
		{`the queue (\S+), which asynq's own tools have paused; this lifts it: (.*)`, `a fila $1, que as ferramentas do asynq pausaram; isto a libera: $2`},
		{`: they wait for `, `: esperam por `},
		{`paused by asynq's own tools: `, `pausada pelas ferramentas do asynq: `},
		{`^its turn at the (\d+) instances of the pool (\S+):`, `a vez dele nas $1 instâncias do pool $2:`},
		{`^its turn at the (\d+) instances of the pool (\S+) \((\d+) of them shut\):`, `a vez dele nas $1 instâncias do pool $2 ($3 delas fechadas):`},
		{`^its turn at (\S+):`, `a vez dele em $1:`},
		{`it is the next`, `é o próximo`},
		{`one group is before it`, `um grupo está antes dele`},
		{`(\d+) groups are before it`, `$1 grupos estão antes dele`},
		{`one every (\S+?)(,|$)`, `um a cada $1$2`},
		{`one after the other`, `um após o outro`},
		{`(\d+) a day`, `$1 por dia`},
		{`^the answer to the create call of (\S+)`, `a resposta à chamada de criação de $1`},
		{`^the next look into the lists of (\S+), because a create had no clear answer`, `a próxima olhada nas listas de $1, porque uma criação não teve resposta clara`},
		{`^the next reading of the group's members by (\S+)`, `a próxima leitura dos membros do grupo por $1`},
		{`^its time: it must not be created before (\S+)`, `a hora dele: não pode ser criado antes de $1`},
		{`; it expires before that, at (\S+)`, `; expira antes disso, em $1`},
		{`^the instance: `, `a instância: `},
		{`^an instance of the pool (\S+): `, `uma instância do pool $1: `},
		{`no worker serves (\S+)`, `nenhum worker atende $1`},
		{`(\S+) waits: the worker (\S+) does not know it; give all workers one configuration`, `$1 espera: o worker $2 não a conhece; dê a todos os workers a mesma configuração`},
		{`the worker (\S+) does not know it; give all workers one configuration`, `o worker $1 não a conhece; dê a todos os workers a mesma configuração`},
		{`(\S+) has made its (\d+) (?:create|invite)s of this day \((\S+)\)`, `$1 já fez as $2 chamadas deste dia ($3)`},
		{`(\S+) makes no creates from (\d\d:\d\d) to (\d\d:\d\d) \(`, `$1 não cria grupos das $2 às $3 (`},
		{`(\S+) makes no calls until (\S+) \(`, `$1 não faz chamadas até $2 (`},
		{`(\S+) makes no creates until (\S+) \(`, `$1 não cria grupos até $2 (`},
		{`(\S+) makes no invites until (\S+) \(`, `$1 não envia convites até $2 (`},
		{`no creates from (\d\d:\d\d) to (\d\d:\d\d) \(`, `nenhuma criação das $1 às $2 (`},
		{`no creates until (\S+): `, `nenhuma criação até $1: `},
		{`no invites until (\S+): `, `nenhum convite até $1: `},
		{`the provider's quota for number checks, which`, `a cota do provedor para consultas de números, que`},
		{`the provider's quota for creating groups, which`, `a cota do provedor para criar grupos, que`},
		{`the provider's quota for sending messages, which`, `a cota do provedor para enviar mensagens, que`},
		{`the provider's quota for reading groups, which`, `a cota do provedor para ler grupos, que`},
		{`is used up for this month: raise the plan, or wait for the next month`, `acabou neste mês: aumente o plano ou espere o próximo mês`},
		{`WhatsApp or the provider limits this number`, `o WhatsApp ou o provedor limita este número`},
		{`WhatsApp restricts this number`, `o WhatsApp restringe este número`},
		{`the provider gets more requests than it takes`, `o provedor recebe mais requisições do que aceita`},
		{`the provider fails`, `o provedor falha`},
		{`its rest cannot be read`, `o descanso dela não pode ser lido`},
		{`^its state could not be read: `, `o estado dela não pôde ser lido: `},
		{`^its own number could not be read: `, `o próprio número dela não pôde ser lido: `},
		{`^an invitation that could not be sent yet: `, `um convite que ainda não pôde ser enviado: `},
		{`^the invite link: this number is an admin, and the provider does not tell it; it may have been asked too often`, `o link de convite: este número é administrador, e o provedor não o informa; talvez tenha sido pedido demais`},
		{`this number is not an admin of the group, so the provider does not tell it the invite link; make it an admin on a phone`, `este número não é administrador do grupo, então o provedor não lhe informa o link de convite; torne-o administrador em um celular`},
		{`this number is not in the group, so the provider does not tell it the invite link; add it as an admin on a phone`, `este número não está no grupo, então o provedor não lhe informa o link de convite; adicione-o como administrador em um celular`},
		{`the provider does not tell the invite link: this number is not an admin of the group, or asked too often`, `o provedor não informa o link de convite: este número não é administrador do grupo, ou perguntou vezes demais`},
		{`(\S+) has another number now: the one that the create was sent from is not connected any more, and its lists are not there; connect that number again`, `$1 agora tem outro número: o que enviou a criação não está mais conectado, e as listas dele não estão lá; conecte aquele número de novo`},
		{`(\S+) has another number now: the one that made the group is not connected any more, and this one is not in the group; connect that number again`, `$1 agora tem outro número: o que criou o grupo não está mais conectado, e este não está no grupo; conecte aquele número de novo`},
		{`^asked to join; an admin of the group must approve it on a phone`, `pediu para entrar; um administrador do grupo deve aprovar em um celular`},
		{`^asked to join, and the request ended without an approval`, `pediu para entrar, e o pedido terminou sem aprovação`},
		{`^an invitation: `, `um convite: `},
		{`^(\d+) invitations: `, `$1 convites: `},
		{`(\d+) are queued at (\S+),`, `$1 na fila em $2,`},
		{`^a person: `, `uma pessoa: `},
		{` is paused`, ` está pausada`},
		{` is disconnected`, ` está desconectada`},
		{` is restricted`, ` está restrita`},
		{` is unauthorized`, ` foi recusada`},
		{` is starting`, ` está iniciando`},
		{`^WhatsApp did not add this person: the privacy settings leave it to contacts`, `O WhatsApp não adicionou esta pessoa: a privacidade dela só permite contatos`},
		{`^is on the suppression list`, `está na lista de supressão`},
		{`^has no WhatsApp, says the network`, `não tem WhatsApp, diz a rede`},
		{`^had no WhatsApp when the network was asked at (\S+); a retry asks again`, `não tinha WhatsApp quando a rede foi consultada em $1; uma nova tentativa consulta de novo`},
		{`^left the group`, `saiu do grupo`},
		{` until (\d{4}-\S+)`, ` até $1`},
	} {
		all = append(all, phrase{regexp.MustCompile(p[0]), p[1]})
	}
	return all
}()
