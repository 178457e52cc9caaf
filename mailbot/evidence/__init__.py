"""What holds in court: the chain of seals, the dossier, the formal notice. Pure: values in, values and bytes out."""
