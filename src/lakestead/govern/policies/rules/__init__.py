"""The rules that a policy can be, one kind each."""
