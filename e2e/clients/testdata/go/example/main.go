package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/crm/rollcall"
)

func main() {
	withKey := func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+os.Getenv("ROLLCALL_KEY"))
		return nil
	}
	client, err := rollcall.NewClientWithResponses(os.Getenv("ROLLCALL_API"), rollcall.WithRequestEditorFn(withKey))
	if err != nil {
		log.Fatal(err)
	}
	phones, key := []string{"+5544999999999", "+79001234567"}, "deal-812"
	answer, err := client.CreateGroupWithResponse(context.Background(), nil, rollcall.GroupRequest{
		GroupName: "Turma 12", Phones: &phones, IdempotencyKey: &key, // asking again under the key is the same group
	})
	switch {
	case err != nil:
		log.Fatal(err) // not known whether it was accepted: ask again
	case answer.JSON202 != nil:
		fmt.Println(answer.Headers202.RollcallOutcome, answer.JSON202.GroupName)
	case answer.ApplicationproblemJSONDefault != nil:
		log.Fatal(answer.ApplicationproblemJSONDefault.Detail)
	default:
		log.Fatal(answer.Status())
	}
}
