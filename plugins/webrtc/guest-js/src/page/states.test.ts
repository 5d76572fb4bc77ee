import { describe, expect, it } from 'vitest';

import { answered, connectionState, reversed } from './states';

describe('connectionState', () => {
  it('follows both transports', () => {
    expect(connectionState(false, 'new', 'new')).toBe('new');
    expect(connectionState(false, 'checking', 'new')).toBe('connecting');
    expect(connectionState(false, 'connected', 'connecting')).toBe('connecting');
    expect(connectionState(false, 'completed', 'connected')).toBe('connected');
    expect(connectionState(false, 'disconnected', 'connected')).toBe('disconnected');
    expect(connectionState(false, 'failed', 'connected')).toBe('failed');
    expect(connectionState(false, 'connected', 'failed')).toBe('failed');
    expect(connectionState(true, 'connected', 'connected')).toBe('closed');
  });
});

describe('directions', () => {
  it('are seen from the other end', () => {
    expect(reversed('sendonly')).toBe('recvonly');
    expect(reversed('sendrecv')).toBe('sendrecv');
    expect(reversed('inactive')).toBe('inactive');
  });

  it('are what both want', () => {
    expect(answered('sendrecv', 'sendonly')).toBe('recvonly');
    expect(answered('sendrecv', 'recvonly')).toBe('sendonly');
    expect(answered('sendonly', 'sendonly')).toBe('inactive');
    expect(answered('recvonly', 'sendrecv')).toBe('recvonly');
  });
});
