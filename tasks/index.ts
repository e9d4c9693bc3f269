import "./bridge";
import "./config";
import "./devnet";
import "./node";
import "./operator";
import "./protocol";
import "./rollup";
import "./stake";
