// Names by which networks are found: their files', other spellings, aliases; and what a wrong one gets.

import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { findFile, listPresets, loadConfig } from '../../src/config/index.js';
import { networkOf } from '../../src/workload/index.js';

const found = (name: string, kinds = ['networks']): string =>
  findFile(diskPresets, kinds, name).path.replace(/^.*[/\\]|\.yaml$/g, '');

describe('names of networks', () => {
  it.each([
    ['vgg16', 'vgg-d'],
    ['VGG-11', 'vgg-a'],
    ['vgg19', 'vgg-e'],
    ['resnet50', 'resnet-50'],
    ['ResNet_18', 'resnet-18'],
    ['mobilenetv2', 'mobilenet-v2'],
    ['squeezenet', 'squeezenet-1.1'],
    ['lenet5', 'lenet-5'],
    ['unet', 'u-net'],
    ['gpt2', 'gpt-2-small'],
    ['BERT', 'bert-base'],
    ['vit_s_16', 'vit-s-16'],
  ])('%s is %s', (name, preset) => {
    expect(found(name)).toBe(preset);
  });

  it('are unlike each other, aliases and spellings included', () => {
    const names = listPresets(diskPresets, 'networks').flatMap((name) => {
      const { aliases } = loadConfig(diskPresets, ['networks'], name).tree;
      return [name, ...(Array.isArray(aliases) ? aliases.map((alias) => JSON.stringify(alias).slice(1, -1)) : [])];
    });
    const plain = names.map((name) => name.toLowerCase().replaceAll(/[-_. ]/g, ''));
    expect(new Set(plain).size).toBe(plain.length);
  });

  it('that are wrong get the nearest one, and the way to the list; `__proto__` is none', () => {
    expect(() => found('vgg17')).toThrow(
      /no network named "vgg17"; did you mean .* \(xbarflow list networks shows all\)/,
    );
    expect(() => found('__proto__')).toThrow(/no network named "__proto__" \(xbarflow list networks shows all\)/);
    expect(() => found('ResNet50', ['architectures'])).toThrow(
      /no architecture named "ResNet50"; resnet-50 is a network: network: resnet-50, or --set network=resnet-50/,
    );
    expect(() => found('isaac')).toThrow(/no network named "isaac"; isaac is an architecture: xbarflow run isaac/);
    expect(() => found('iSaaC', ['architectures'])).toThrow(/no architecture named "iSaaC"; did you mean "isaac"/);
  });

  it('a network found by another name is the same', () => {
    const of = (name: string): unknown => networkOf(loadConfig(diskPresets, ['networks'], name));
    expect(of('vgg16')).toEqual(of('vgg-d'));
  });
});
