// Withoapi asks for groups with the client that oapi-codegen generates.
package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"example.com/crm"
	"example.com/crm/rollcall"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, address, name string) error {
	client, err := rollcall.NewClientWithResponses(address, rollcall.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+os.Getenv("ROLLCALL_KEY"))
		return nil
	}))
	if err != nil {
		return err
	}
	var report crm.Report

	phones, key := []string{"+5544999999999"}, name+"-1"
	asked := rollcall.GroupRequest{GroupName: "Asked for with " + name, Phones: &phones, IdempotencyKey: &key}
	first, err := client.CreateGroupWithResponse(ctx, nil, asked)
	if err != nil {
		return err
	}
	again, err := client.CreateGroupWithResponse(ctx, nil, asked)
	if err != nil {
		return err
	}
	if first.JSON202 == nil || again.JSON202 == nil {
		return fmt.Errorf("create: %s, %s", first.Body, again.Body)
	}
	report.First, report.Again = first.Headers202.RollcallOutcome, again.Headers202.RollcallOutcome
	report.Same = first.JSON202.Id == again.JSON202.Id

	upload, err := client.CreateBatchWithBodyWithResponse(ctx, &rollcall.CreateBatchParams{Name: &name}, "text/csv", strings.NewReader(crm.File))
	if err != nil {
		return err
	}
	if upload.JSON202 == nil {
		return fmt.Errorf("upload: %s", upload.Body)
	}
	report.Uploaded, report.Row = upload.JSON202.Created, string(upload.JSON202.Rows[0].Error.Code)

	limit, cursor := int64(1), ""
	for {
		page, err := client.ListGroupsWithResponse(ctx, &rollcall.ListGroupsParams{BatchId: &name, Limit: &limit, Cursor: &cursor})
		if err != nil {
			return err
		}
		if page.JSON200 == nil {
			return fmt.Errorf("list: %s", page.Body)
		}
		report.Pages++
		for _, g := range page.JSON200.Items {
			report.Listed = append(report.Listed, g.GroupName)
		}
		if cursor = page.JSON200.NextCursor; cursor == "" {
			break
		}
	}

	got, err := client.GetGroupWithResponse(ctx, first.JSON202.Id)
	if err != nil {
		return err
	}
	if got.JSON200 == nil || got.JSON200.Priority != rollcall.GroupPriorityNormal {
		return fmt.Errorf("get: %s", got.Body)
	}
	report.Got = got.JSON200.GroupName

	refused, err := client.CreateGroupWithResponse(ctx, nil, rollcall.GroupRequest{GroupName: "Empty"})
	if err != nil {
		return err
	}
	problem := refused.ApplicationproblemJSONDefault
	if problem == nil {
		return fmt.Errorf("refuse: %s", refused.Body)
	}
	fault := (*problem.Errors)[0]
	report.Status, report.Field, report.Code = refused.StatusCode(), fault.Field, string(*fault.Code)

	export, err := client.ExportBatchWithResponse(ctx, name, nil)
	if err != nil {
		return err
	}
	rows, err := csv.NewReader(strings.NewReader(string(export.Body))).ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows {
		report.Exported += row[0] + ";"
	}
	return report.Print()
}
