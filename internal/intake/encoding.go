package intake

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/rollcallhq/rollcall/internal/say"
)

// window is how many bytes of an input are read to find its format.
const window = 64 << 10

// KnownEncoding reports whether an encoding is known, and returns its name in the WHATWG Encoding standard.
func KnownEncoding(name string) (string, bool) {
	e, err := htmlindex.Get(strings.TrimSpace(name))
	if err != nil {
		return "", false
	}
	name, err = htmlindex.Name(e)
	return name, err == nil
}

// open skips the byte order mark, decodes UTF-16 and a declared encoding to UTF-8, and refuses input that
// is not text. Without a mark and a declaration the encoding counts as ASCII until guess finds another.
func (in *input) open(declared string) (text *bufio.Reader, encoding string, err error) {
	text = in.text
	head, err := text.Peek(window)
	if len(head) == 0 && err != nil {
		if err != io.EOF { // only a bare EOF is an end
			return nil, "", err
		}
		return nil, "", unusable(only(say.FileEmpty))
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err = text.Discard(3)
		return text, encodingBOM, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		return bufio.NewReaderSize(transform.NewReader(text, decoder), window), encodingUTF16, nil
	}
	if declared != "" {
		e, err := htmlindex.Get(strings.TrimSpace(declared))
		if err != nil {
			return nil, "", unusable(say.Phrase{Code: say.FileEncoding, Text: quoted(declared)})
		}
		if name, err := htmlindex.Name(e); err == nil && name != "utf-8" {
			return bufio.NewReaderSize(transform.NewReader(text, e.NewDecoder()), window), name, nil
		}
	}
	if e := notText(head); e != nil {
		return nil, "", e
	}
	if declared != "" {
		return text, encodingUTF8, nil
	}
	return text, encodingASCII, nil
}

// notText returns an error for the kinds of files that are not text and that people often upload by mistake, otherwise
// nil.
func notText(head []byte) *Unusable {
	starts := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	trimmed := bytes.ToLower(bytes.TrimLeft(head[:min(len(head), 512)], " \t\r\n"))
	switch {
	case starts("%PDF"):
		return unusable(only(say.FilePDF))
	case starts("\x1f\x8b"):
		return unusable(only(say.FileGzip))
	case bytes.HasPrefix(trimmed, []byte("<")):
		return unusable(only(say.FileWeb))
	case bytes.IndexByte(head, 0) >= 0:
		return unusable(only(say.FileBinary))
	}
	return nil
}

// guess passes UTF-8 through and decodes an older encoding to it. ASCII is the same in all encodings, so
// guess decides at the first byte beyond ASCII, however late it comes. If no encoding is plausible, the bytes
// pass through and their rows are unreadable.
type guess struct {
	r       *bufio.Reader
	decided io.Reader

	before   byte   // the last byte that was passed on
	encoding string // "" until it is decided
}

func (g *guess) Read(p []byte) (int, error) {
	if g.decided != nil {
		return g.decided.Read(p)
	}
	if _, err := g.r.Peek(1); err != nil {
		return 0, err
	}
	buffered, _ := g.r.Peek(g.r.Buffered())
	if ascii := asciiPrefix(buffered); ascii > 0 {
		n := copy(p, buffered[:ascii])
		g.before = buffered[max(n-1, 0)]
		_, err := g.r.Discard(n)
		return n, err
	}
	ahead, _ := g.r.Peek(g.r.Size())
	g.decided, g.encoding = g.r, encodingUTF8
	if isOlder(ahead) {
		if name, e := olderEncoding(append([]byte{g.before}, ahead...)); e != nil {
			g.encoding, g.decided = name, transform.NewReader(g.r, e.NewDecoder())
		}
	}
	return g.decided.Read(p)
}

func asciiPrefix(p []byte) int {
	for i, c := range p {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return len(p)
}

// isOlder reports whether p has more stray bytes than well-formed multi-byte UTF-8 characters.
func isOlder(p []byte) bool {
	wellFormed, stray := 0, 0
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		switch {
		case r == utf8.RuneError && size == 1:
			if !utf8.FullRune(p) {
				return stray > wellFormed || (wellFormed == 0 && len(p) == 1)
			}
			stray++
		case size > 1:
			wellFormed++
		}
		p = p[size:]
	}
	return stray > wellFormed
}
