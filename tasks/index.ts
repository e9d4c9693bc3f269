import "./config";
