"""Writes voice/understand/testdata/minilm.json: what all-MiniLM-L6-v2 answers,
computed from its published weights with NumPy in float64, and its word pieces
by the tokenizers library. Usage: reference.py MODEL_FOLDER OUT.json"""
import json,struct,sys,math
folder, path = sys.argv[1:3]
import numpy as np
from tokenizers import Tokenizer
tok=Tokenizer.from_file(folder + '/tokenizer.json'); tok.no_padding(); tok.no_truncation()
b=open(folder + '/model.safetensors','rb').read(); n=struct.unpack('<Q',b[:8])[0]; h=json.loads(b[8:8+n]); d=b[8+n:]
W={k:np.frombuffer(d[v['data_offsets'][0]:v['data_offsets'][1]],dtype=np.float32).reshape(v['shape']).astype(np.float64) for k,v in h.items() if k!='__metadata__' and v['dtype']=='F32'}
def ln(x,p):
    m=x.mean(-1,keepdims=True); v=((x-m)**2).mean(-1,keepdims=True)
    return (x-m)/np.sqrt(v+1e-12)*W[p+'.weight']+W[p+'.bias']
erf=np.vectorize(math.erf)
def lin(x,p): return x@W[p+'.weight'].T+W[p+'.bias']
def embed(t):
    ids=tok.encode(t).ids
    x=W['embeddings.word_embeddings.weight'][ids]+W['embeddings.position_embeddings.weight'][:len(ids)]+W['embeddings.token_type_embeddings.weight'][0]
    x=ln(x,'embeddings.LayerNorm')
    for i in range(6):
        p=f'encoder.layer.{i}.'
        q,k,v=[lin(x,p+'attention.self.'+s).reshape(len(ids),12,32).transpose(1,0,2) for s in('query','key','value')]
        a=q@k.transpose(0,2,1)/math.sqrt(32); a=np.exp(a-a.max(-1,keepdims=True)); a/=a.sum(-1,keepdims=True)
        y=(a@v).transpose(1,0,2).reshape(len(ids),384)
        x=ln(lin(y,p+'attention.output.dense')+x,p+'attention.output.LayerNorm')
        z=lin(x,p+'intermediate.dense'); z=0.5*z*(1+erf(z/math.sqrt(2)))
        x=ln(lin(z,p+'output.dense')+x,p+'output.LayerNorm')
    e=x.mean(0); return ids,e/np.linalg.norm(e)
out=[]
for t in ["how much is it","I'd like tortoiseshell aviators, unbelievably!","Do these fit my face?","café naïve 2-for-1 €49.90","what's the weather like tomorrow in Beijing 北京"]:
    ids,e=embed(t); out.append({'text':t,'ids':ids,'embedding':[round(float(v),5) for v in e]})
json.dump(out,open(path,'w'),ensure_ascii=False)
print([len(o['ids']) for o in out])
