package api_test
import "testing"
func TestTry(t *testing.T){
 r:=setup(t)
 for _,c:=range [][3]string{{"POST","/v1/groups",oneGroup},{"GET","/v1/groups?limit=2",""},{"GET","/v1/groups?limit=0&foo=1",""},{"POST","/v1/batches?name=x",`{"groups":[`+oneGroup+`,{"groupName":"x"}]}`},{"POST","/v1/batches?name=x&dryRun=true",`{"groups":[`+oneGroup+`,{"groupName":"x"}`},{"GET","/v1/status",""},{"GET","/nope",""},{"PUT","/v1/groups",""},{"GET","/healthz",""},{"GET","/readyz",""},{"GET","/metrics",""},{"POST","/v1/suppressions",`{"phones":["+5544999999999",5544999999998]}`},{"GET","/v1/suppressions",""},{"GET","/docs",""},{"GET","/openapi.json",""}} {
  a:=r.do(c[0],c[1],c[2])
  if len(a.body)>900 {a.body=a.body[:900]}
  t.Logf("%v -> %d %v\n%s",c,a.status,a.header,a.body)
 }
 t.Log(r.log.String())
}
