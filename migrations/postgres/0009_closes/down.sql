DROP TABLE mailbox;
DROP TABLE chase;
DROP TABLE close;
