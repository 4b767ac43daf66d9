DROP TABLE clue_answer;
DROP TABLE clue;
