package faults

import (
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Code is what an error's code means, in plain words.
type Code struct {
	Title, Why, Remedy say.Texts
}

// CodeOf explains a code.
func CodeOf(code group.Code) Code { return codes[code] }

var codes = map[group.Code]Code{
	group.CodeRefused: {
		say.In("Refused by the provider",
			"Recusado pelo provedor",
			"Rechazado por el proveedor"),
		say.In("The provider refuses the request as it stands. No group was created.",
			"O provedor recusa o pedido como está. Com certeza nenhum grupo foi criado.",
			"El proveedor rechaza la solicitud tal como está. Con certeza no se creó ningún grupo."),
		say.In("Correct what the provider names and send the row again; retry it unchanged only if the cause was the instance.",
			"Corrija o que o provedor aponta e envie a linha de novo; tente como está só se a causa era da instância.",
			"Corrija lo que el proveedor señala y envíe la fila de nuevo; reintente tal cual solo si la causa estaba en la instancia."),
	},
	group.CodeNoMembers: {
		say.In("No members left",
			"Não sobrou ninguém para criá-lo",
			"No queda nadie con quien crearlo"),
		say.In("Every person is invalid, not on WhatsApp or on the suppression list.",
			"Todas as pessoas são inválidas, não têm WhatsApp ou estão na lista de supressão.",
			"Todas las personas son inválidas, no tienen WhatsApp o están en la lista de supresión."),
		say.In("Correct the numbers in the file and send the rows again; retry if people were taken off the suppression list.",
			"Corrija os números no arquivo e envie as linhas de novo; tente de novo se alguém saiu da lista de supressão.",
			"Corrija los números en el archivo y envíe las filas de nuevo; reintente si alguien salió de la lista de supresión."),
	},
	group.CodeExpired: {
		say.In("Expired before its turn",
			"Expirou antes da vez",
			"Venció antes de su turno"),
		say.In("The time after which it must not be created passed while it waited.",
			"O prazo para criá-lo passou enquanto esperava.",
			"El plazo para crearlo pasó mientras esperaba."),
		say.In("Ask for it again with a later expiresAt, or spread the work over more instances.",
			"Peça de novo com um expiresAt maior, ou distribua o trabalho por mais instâncias.",
			"Pídalo de nuevo con un expiresAt posterior, o reparta el trabajo entre más instancias."),
	},
	group.CodeGaveUp: {
		say.In("Given up after trying",
			"Desistimos depois de tentar",
			"Abandonado tras varios intentos"),
		say.In("No try created a group before the time for retries (retry.give_up_after) was over.",
			"Nenhuma tentativa criou um grupo, até acabar o prazo das tentativas (retry.give_up_after).",
			"Ningún intento creó un grupo, hasta agotarse el plazo de los intentos (retry.give_up_after)."),
		say.In("Fix the cause, then retry.",
			"Resolva a causa, depois tente de novo.",
			"Resuelva la causa y reintente."),
	},
	group.CodeAmbiguous: {
		say.In("Two or more groups could be it",
			"Dois ou mais grupos podem ser ele",
			"Dos o más grupos pueden serlo"),
		say.In("A create had no clear answer, and the lists hold several groups that fit.",
			"Uma criação não teve resposta clara, e as listas têm vários grupos que servem.",
			"Una creación no tuvo respuesta clara, y las listas tienen varios grupos que coinciden."),
		say.In("Compare the candidates on the phone and adopt the right one.",
			"Compare os candidatos no telefone e adote o certo.",
			"Compare los candidatos en el teléfono y adopte el correcto."),
	},
	group.CodeUnverifiable: {
		say.In("Outcome unknown",
			"Resultado desconhecido",
			"Resultado desconocido"),
		say.In("A create had no clear answer, and the provider's lists do not decide.",
			"Uma criação não teve resposta clara, e as listas do provedor não decidem.",
			"Una creación no tuvo respuesta clara, y las listas del proveedor no lo deciden."),
		say.In("Look on the phone: adopt the group if it is there, create it again if it is not.",
			"Olhe no telefone: adote o grupo se está lá, crie de novo se não está.",
			"Mire en el teléfono: adopte el grupo si está, créelo de nuevo si no está."),
	},
	group.CodeDuplicate: {
		say.In("A second group was found",
			"Um segundo grupo foi achado",
			"Se encontró un segundo grupo"),
		say.In("This request made two groups at WhatsApp.",
			"Este pedido criou dois grupos no WhatsApp.",
			"Esta solicitud creó dos grupos en WhatsApp."),
		say.In("Delete one by hand in WhatsApp and adopt the other.",
			"Apague um à mão no WhatsApp e adote o outro.",
			"Borre uno a mano en WhatsApp y adopte el otro."),
	},
	group.CodePoison: {
		say.In("Three workers died with it",
			"Três workers morreram com ele",
			"Tres workers murieron con él"),
		say.In("Something about this group may be what kills workers.",
			"Algo neste grupo pode ser o que mata os workers.",
			"Algo de este grupo puede ser lo que mata a los workers."),
		say.In("Look into the workers' logs, then create it again or abandon it.",
			"Veja os logs dos workers, depois crie de novo ou abandone.",
			"Vea los logs de los workers y luego créelo de nuevo o abandónelo."),
	},
}
