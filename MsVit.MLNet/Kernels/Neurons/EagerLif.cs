using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>LIF and PLIF neurons composed of torch operations: the fallback for all devices and types, and the tests' oracle.</summary>
/// <remarks>
/// With h[t] the charged membrane, v[t] the membrane after the reset and v[0] the reset potential r:
/// <code>
/// h[t] = v[t-1] + (x[t] - (v[t-1] - r)) / tau      (PLIF: sigmoid(w) in place of 1/tau)
/// s[t] = 1 if h[t] >= threshold, else 0
/// v[t] = (1 - s[t]) h[t] + s[t] r
/// </code>
/// MSVIT's equations 1-3, as run by its reference code; PLIF: Fang et al., ICCV 2021. Integer neurons with D levels, whose gradient is 1
/// from 0 to D and 0 elsewhere, and whose reset is a constant in the backward pass (Luo et al., "SpikeYOLO", ECCV 2024):
/// <code>
/// h[t] = (1 - 1/tau) (h[t-1] - s[t-1]) + x[t]
/// s[t] = round(clamp(h[t], 0, D))
/// </code>
/// </remarks>
internal static class EagerLif
{
    /// <summary>
    /// The spikes of a layer, its charged membranes minus the threshold, and its membranes after the reset; [T, ...] each.
    /// </summary>
    public sealed record Trace(Tensor Spikes, Tensor OverThreshold, Tensor Potential);

    /// <summary>The spikes of a layer, [T, ...], for the input currents <paramref name="x"/>, [T, ...].</summary>
    /// <param name="x">Input, time first.</param>
    /// <param name="dynamics">The layer's constants.</param>
    /// <param name="pass">The current pass.</param>
    /// <param name="w">PLIF's learned scalar, or null for LIF.</param>
    public static Tensor Fire(Tensor x, LifDynamics dynamics, Pass pass, Tensor? w = null)
    {
        using var scope = NewDisposeScope();
        var rate = w?.sigmoid();
        var spikes = new List<Tensor>();
        Tensor? v = null;
        foreach (var current in x.unbind(0))
        {
            var step = Step(v, current, rate, dynamics, pass);
            step.OverThreshold.Dispose();
            v?.Dispose();
            v = step.Potential;
            spikes.Add(step.Spikes);
        }
        return scope.MoveToOuter(stack(spikes));
    }

    /// <summary>The same, with the membranes.</summary>
    public static Trace Observe(Tensor x, LifDynamics dynamics, Pass pass, Tensor? w = null)
    {
        using var scope = NewDisposeScope();
        var rate = w?.sigmoid();
        var steps = new List<Trace>();
        foreach (var current in x.unbind(0))
        {
            steps.Add(Step(steps.LastOrDefault()?.Potential, current, rate, dynamics, pass));
        }
        var trace = new Trace(
            stack(steps.Select(step => step.Spikes)),
            stack(steps.Select(step => step.OverThreshold)),
            stack(steps.Select(step => step.Potential)));
        scope.MoveToOuter(trace.Spikes, trace.OverThreshold, trace.Potential);
        return trace;
    }

    private static Trace Step(Tensor? v, Tensor x, Tensor? rate, LifDynamics dynamics, Pass pass)
    {
        using var scope = NewDisposeScope();
        if (dynamics.Levels is { } levels)
        {
            return Count(v, x, levels, dynamics.Decay, scope, pass);
        }
        Tensor h = Charge(v is null ? default(TensorExpression?) : new TensorExpression(v), x, rate is null ? default(TensorExpression?)
            : new TensorExpression(rate), dynamics);
        Tensor over = (TensorExpression)h - dynamics.Threshold;
        var spikes = Spike.Fire(over, dynamics.Surrogate, pass);
        Tensor reset = Reset(h, dynamics.DetachReset ? spikes.detach() : spikes, dynamics);
        scope.MoveToOuter(spikes, over, reset);
        return new Trace(spikes, over, reset);
    }

    // An integer neuron fires its first spike at 0.5.
    private static Trace Count(Tensor? v, Tensor x, int levels, double decay, DisposeScope scope, Pass pass)
    {
        Tensor h = v is null ? x.alias() : (TensorExpression)v * decay + (TensorExpression)x;
        Tensor over = (TensorExpression)h - 0.5;
        var spikes = SpikeCount.Fire(h, levels, pass);
        Tensor reset = (TensorExpression)h - (TensorExpression)spikes.detach();
        scope.MoveToOuter(spikes, over, reset);
        return new Trace(spikes, over, reset);
    }

    private static TensorExpression Charge(TensorExpression? v, TensorExpression x, TensorExpression? rate, LifDynamics dynamics)
    {
        var rest = dynamics.ResetTo ?? 0;
        if (v is not { } before)
        {
            var first = dynamics.DecayInput ? Leak(x, rate, dynamics.Tau) : x;
            return rest == 0 ? first : first + rest;
        }
        var above = rest == 0 ? before : before - rest;
        return dynamics.DecayInput ? before + Leak(x - above, rate, dynamics.Tau) : before - Leak(above, rate, dynamics.Tau) + x;
    }

    private static TensorExpression Leak(TensorExpression potential, TensorExpression? rate, double tau) =>
        rate is { } learned ? potential * learned : potential / tau;

    private static TensorExpression Reset(TensorExpression h, TensorExpression spikes, LifDynamics dynamics) => dynamics.ResetTo switch
    {
        null => h - spikes * dynamics.Threshold,
        0 => h * (1 - spikes),
        { } reset => h * (1 - spikes) + spikes * reset,
    };
}
