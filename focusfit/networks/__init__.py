"""What is learned: encoder and segmenter; and what judges them: recognition."""
