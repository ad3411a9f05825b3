"""The stages of training: autoencoder pretraining, pseudo labels, segmenter pretraining, joint EM."""
