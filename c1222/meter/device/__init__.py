"""What a meter does with a service: who may, what is read and written, which answer it gives."""
