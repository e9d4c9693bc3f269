import { Wallet, getBytes, hexlify, TypedDataEncoder, concat, toBeArray, randomBytes } from "ethers";
import { ecdsaSign } from "secp256k1";
import { hashingReady, keccak, word, toHex, fromHex } from "./sequencer/src/hashing";
import { findProgram } from "./sequencer/src/programs/catalogue";
import { Executor } from "./sequencer/src/executor/executor";
import { encodeConfig } from "./sequencer/src/rollup/encoding";
import { LedgerState } from "./sequencer/src/programs/ledger/state";
import { Mempool, DEFAULT_LIMITS } from "./sequencer/src/mempool/mempool";
const uint=(v:bigint)=>{const b=v===0n?new Uint8Array(0):toBeArray(v);return Buffer.concat([Uint8Array.of(b.length),b])};
(async()=>{ await hashingReady;
 const p=findProgram("0x20c8d1e79f8b38be343cde319e1cb448b81acdb39ced6b7e437b2b3e21584c14")!;
 const db=new Map<string,Uint8Array>(); const rec=new Map<string,Uint8Array>();
 let misses=0;
 const ex=new Executor(p,p.instantiate(),{preimage:h=>db.get(toHex(h)),recovered:i=>{const r=rec.get(toHex(i));if(!r)misses++;return r}});
 const put=(x:any)=>{for(const[h,b]of x.preimages)db.set(toHex(h),b)};
 const g=ex.genesis();put(g);console.log("genesis",toHex(g.commitment));
 const chainId=(1n<<51n)+77n;
 const config=encodeConfig({program:p.hash,l2ChainId:chainId,batchGas:100_000_000n,messageGas:100000,messageBound:64,logSteps:33,policy:0x0101,availability:"0x"+"11".repeat(20),clock:1000,extension:100,bond:1n,window:3000,feeRecipient:"0x"+"22".repeat(20),gasPrice:10n});
 const keys=Array.from({length:200},()=>randomBytes(32)); const wallets=keys.map(k=>new Wallet(hexlify(k)));
 // deposits
 let head=new Uint8Array(32);
 for(const w of wallets){const m=Buffer.concat([Uint8Array.of(1,1),fromHex(w.address),new Uint8Array(32),new Uint8Array(32),word(10n**18n),fromHex(w.address),fromHex(w.address)]);const link=Buffer.concat([head,keccak(m)]);db.set(toHex(keccak(m)),m);head=keccak(link);db.set(toHex(head),link);}
 const o=ex.open({parent:g.commitment,config,target:200,targetHash:head,flags:0});put(o);
 console.log("msgs",o.messageIndex,o.receipts.length,o.receipts[0],o.workLeft);
 const domain={name:"Rollworks Ledger",version:"1",chainId};
 const types={SendCoin:[{name:"to",type:"address"},{name:"amount",type:"uint256"},{name:"maxFee",type:"uint256"},{name:"nonce",type:"uint64"}]};
 const door=p.door({chainId,gasPrice:10n});
 const nonces=new Map<number,number>();
 const N=10000;
 const raws:Uint8Array[]=[];
 for(let i=0;i<N;i++){const k=i%200;const n=nonces.get(k)??0;nonces.set(k,n+1);const to=wallets[(k+7*n+1)%200]!.address;
  const body=Buffer.concat([Uint8Array.of(1),fromHex(to),uint(1000n),uint(2000n),uint(BigInt(n))]);
  const d=door(Buffer.concat([body,new Uint8Array(64)]));
  if(i<3){const t=TypedDataEncoder.hash(domain,types,{to,amount:1000n,maxFee:2000n,nonce:n});if(t!==toHex(d.recovery.subarray(0,32)))throw new Error("digest")}
  const sg=ecdsaSign(d.recovery.subarray(0,32),keys[k]!);const sig=Buffer.from(sg.signature);sig[32]!|=sg.recid<<7;
  raws.push(Buffer.concat([body,sig]));}
 let t=performance.now();
 const {recoverSigner}=await import("./sequencer/src/executor/precompiles");
 for(const r of raws){const d=door(r);const s=recoverSigner(d.recovery.subarray(0,32),d.recovery[63]!-27,d.recovery.subarray(64,128))!;const out=new Uint8Array(32);out.set(s,12);rec.set(toHex(d.recovery),out)}
 console.log("door+recover µs/tx",(performance.now()-t)/N*1000);
 t=performance.now();for(const r of raws)door(r);console.log("decode µs/tx",(performance.now()-t)/N*1000);
 t=performance.now();let applied=0;let bytes=1;
 for(let i=0;i<N;i+=1000){const b=ex.build(123,raws.slice(i,i+1000));put(b);applied+=b.positions.length;bytes+=b.encoded.length;if(i===0)console.log(b.receipts[0],b.workLeft,b.preimages.length,b.rejected[0],b.isFull)}
 let dt=performance.now()-t;console.log("exec tx/s",applied/dt*1000,"applied",applied,"bytes/tx",bytes/applied,"misses",misses);
 const c=ex.close(5);put(c);console.log(toHex(c.commitment));
 const st=new LedgerState(c.parts.subarray(0,32),h=>db.get(toHex(h)));console.log(st.account(fromHex(wallets[0]!.address)),st.account(fromHex("0x"+"22".repeat(20))));
 t=performance.now();for(let i=0;i<1000;i++)st.account(fromHex(wallets[i%200]!.address));console.log("state read µs",(performance.now()-t));
})();
