import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meaningOf } from './meaning.ts';

const done: readonly (readonly [typed: string, means: string, note?: RegExp])[] = [
  ['up --name a', 'up --name a'],
  ['', ''],
  ['create cluster', 'up --new'],
  [
    'create cluster -n a --config f --image kindest/node:v1 --wait=5m',
    'up --new --name a --config f',
    /--image, --wait change/,
  ],
  ['delete cluster --name a', 'down --if-there --name a'],
  ['get clusters', 'list -o name'],
  ['get kubeconfig -n=a --internal', 'kubeconfig --name=a', /--internal changes nothing/],
  ['export kubeconfig --name a', 'kubeconfig --write --name a'],
  ['load docker-image a:1 b --name c --nodes x', 'image load --docker a:1 b --name c', /--nodes/],
  ['load image-archive a.tar', 'image load a.tar'],
  ['start', 'start'],
  ['start -p a', 'start --name a'],
  ['-p a start --cpus=4 --memory=8192 --driver docker', 'up --cpus=4 --memory=8192 --name a', /--driver/],
  ['start -n 3', 'up --nodes 3'],
  ['delete --profile=a', 'down --if-there --name a'],
  ['profile list', 'list'],
  ['image ls', 'image list'],
  ['dashboard', 'dashboard'],
  ['dashboard --url', 'dashboard --no-open', /--url/],
  ['update-context', 'kubeconfig --write'],
  ['kubectl -- get pods -p', 'kubectl -- get pods -p'],
  ['kubectl logs -p web', 'kubectl logs -p web'],
  ['kubectl -p a logs web', 'kubectl --name a logs web'],
];
for (const [typed, means, note = /^$/] of done)
  test(`"${typed}" is done`, () => {
    const { argv, text } = meaningOf(typed.split(' ').filter(Boolean));
    assert.equal(argv?.join(' '), means);
    assert.match(text, note);
  });

const told: readonly (readonly [typed: string, exitCode: number, text: RegExp])[] = [
  ['tunnel', 0, /^No tunnel is needed/],
  ['addons enable ingress', 0, /^The 'ingress' addon is enabled/],
  ['addons list', 0, /^ingress: [^]*\nmetrics-server: /],
  ['addons enable gvisor', 10, /no addon here/],
  ['addons enable toString', 10, /no addon here/],
  ['addons disable ingress', 10, /stays/],
  ['addons', 14, /word of minikube/],
  ['build node-image', 1, /word of kind: nodes are made of this machine/],
  ['get nodes', 1, /kubectl get nodes/],
  ['delete clusters --all', 1, /kubeling down/],
  ['docker-env', 14, /word of minikube: .*kubeling image load --docker/],
  ['image build .', 14, /kubeling image load/],
  ['node add', 14, /kubeling up --nodes/],
  ['ssh -p a', 14, /kubectl exec/],
];
for (const [typed, exitCode, text] of told)
  test(`to "${typed}" is said what to type`, () => {
    const meaning = meaningOf(typed.split(' '));
    assert.deepEqual([meaning.argv, meaning.exitCode], [undefined, exitCode]);
    assert.match(meaning.text, text);
  });
