// Package markup writes pages: elements, attributes and texts as plain Go values.
//
// Every value is escaped: nothing writes raw markup. An address is a path on the same server or a place on the
// page; any other becomes "/". There are no attributes for scripts or styles.
package markup
