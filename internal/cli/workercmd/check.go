package workercmd
