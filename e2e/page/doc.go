// Package page tries the admin's page in a real browser (Chromium, driven by chromedp): under `worker
// dev`, and on an installation at 9:05 with every kind of trouble. It wants no console errors, no
// foreign requests, and nothing that axe finds, on a desk and on a phone, in light and dark.
//
// `make e2e` runs the tests. With SCREENSHOTS=DIR they write the pictures of docs/images.
package page
