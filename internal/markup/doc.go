// Package markup writes pages: elements, attributes and texts as plain Go values.
//
// Whatever a value holds is shown as text: there is no way to write markup past the escaping. An address leads to a path
// of the same server or to a place on the page; any other becomes the front. There are no attributes with scripts or styles.
package markup
