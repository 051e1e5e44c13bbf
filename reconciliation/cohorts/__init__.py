"""Services that began in one month, or hang on one hub, with what findings say of them."""
