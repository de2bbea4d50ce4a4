"""The verdict on a genuine `pulumi preview --json`: read, checked for completeness, judged as a rehearsal is."""
