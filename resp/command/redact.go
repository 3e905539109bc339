package command

var redacted = []byte("(redacted)")

// RedactFrom hides the arguments from i on, among which is a password, from what
// is logged of the command. The handler must have taken them before.
func (c *Ctx) RedactFrom(i int) {
	for ; i < len(c.Args); i++ {
		c.Args[i] = redacted
	}
}
