"""What `./test bench pipeline` is made of: who is measured, messages in and out, and what they use of the machine."""
