// Withogen asks for groups with the client that ogen generates.
package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"example.com/crm"
	"example.com/crm/rollcallogen"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// key is the key of the API.
type key string

// Key implements rollcallogen.SecuritySource.
func (k key) Key(context.Context, rollcallogen.OperationName) (rollcallogen.Key, error) {
	return rollcallogen.Key{Token: string(k)}, nil
}

func run(ctx context.Context, address, name string) error {
	client, err := rollcallogen.NewClient(address, key(os.Getenv("ROLLCALL_KEY")))
	if err != nil {
		return err
	}
	var report crm.Report

	asked := &rollcallogen.GroupRequest{
		GroupName: "Asked for with " + name, Phones: []string{"+5544999999999"}, IdempotencyKey: rollcallogen.NewOptString(name + "-1"),
	}
	first, err := client.CreateGroup(ctx, asked, rollcallogen.CreateGroupParams{})
	if err != nil {
		return err
	}
	again, err := client.CreateGroup(ctx, asked, rollcallogen.CreateGroupParams{})
	if err != nil {
		return err
	}
	report.First, report.Again = string(first.RollcallOutcome), string(again.RollcallOutcome)
	report.Same = first.Response.ID == again.Response.ID

	upload, err := client.CreateBatch(ctx, &rollcallogen.CreateBatchReqTextCsv{Data: strings.NewReader(crm.File)}, rollcallogen.CreateBatchParams{Name: rollcallogen.NewOptString(name)})
	if err != nil {
		return err
	}
	batched, ok := upload.(*rollcallogen.BatchedHeaders)
	if !ok {
		return fmt.Errorf("upload: %T", upload)
	}
	report.Uploaded, report.Row = batched.Response.Created, string(batched.Response.Rows[0].Error.Value.Code)

	for params := (rollcallogen.ListGroupsParams{BatchId: rollcallogen.NewOptString(name), Limit: rollcallogen.NewOptInt64(1)}); ; {
		page, err := client.ListGroups(ctx, params)
		if err != nil {
			return err
		}
		report.Pages++
		for _, g := range page.Items {
			report.Listed = append(report.Listed, g.GroupName)
		}
		if page.NextCursor == "" {
			break
		}
		params.Cursor = rollcallogen.NewOptString(page.NextCursor)
	}

	got, err := client.GetGroup(ctx, rollcallogen.GetGroupParams{ID: first.Response.ID})
	if err != nil {
		return err
	}
	if got.Priority != rollcallogen.GroupPriorityNormal {
		return fmt.Errorf("get: priority %s", got.Priority)
	}
	report.Got = got.GroupName

	_, err = client.CreateGroup(ctx, &rollcallogen.GroupRequest{GroupName: "Empty"}, rollcallogen.CreateGroupParams{})
	problem, ok := errors.AsType[*rollcallogen.ProblemStatusCode](err)
	if !ok {
		return fmt.Errorf("refuse: %w", err)
	}
	fault := problem.Response.Errors[0]
	report.Status, report.Field, report.Code = problem.StatusCode, fault.Field, string(fault.Code.Value)

	export, err := client.ExportBatch(ctx, rollcallogen.ExportBatchParams{ID: name})
	if err != nil {
		return err
	}
	file, ok := export.(*rollcallogen.ExportBatchOKTextCsv)
	if !ok {
		return fmt.Errorf("export: %T", export)
	}
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows {
		report.Exported += row[0] + ";"
	}
	return report.Print()
}
