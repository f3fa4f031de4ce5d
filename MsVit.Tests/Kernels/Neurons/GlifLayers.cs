using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Neurons;

/// <summary>The GLIF layers that the tests of the fused neurons go through, and what one of them does.</summary>
internal static class GlifLayers
{
    /// <summary>What each parameter's sigmoid is at the start of training, unless it is named; by name of the layer.</summary>
    public static readonly IReadOnlyDictionary<string, (SurrogateFunction Surrogate, Dictionary<string, double> Raw)> All =
        new Dictionary<string, (SurrogateFunction, Dictionary<string, double>)>
        {
            ["initial"] = (SurrogateFunction.Sigmoid, []),
            ["gates turned"] = (SurrogateFunction.Sigmoid, new() { ["alpha"] = 1.5, ["beta"] = -0.7, ["gamma"] = 0.4 }),
            ["keeps almost all"] = (SurrogateFunction.Sigmoid, new() { ["alpha"] = -3, ["tau"] = 2, ["gamma"] = -2, ["v_subreset"] = 1 }),
            ["leaks almost all"] = (SurrogateFunction.Sigmoid, new() { ["alpha"] = 4, ["tau"] = -3, ["linear_decay"] = 1 }),
            ["hard reset, low threshold"] = (SurrogateFunction.Sigmoid, new() { ["gamma"] = 12, ["v_threshold"] = -2.5 }),
            ["threshold of nothing"] = (SurrogateFunction.Sigmoid, new() { ["v_threshold"] = -200 }),
            ["ATan"] = (SurrogateFunction.ATan, new() { ["alpha"] = 0.3, ["beta"] = 0.8, ["gamma"] = -0.6, ["v_threshold"] = 0.2 }),
        };

    /// <summary>A layer by name, or with another surrogate; its conductances differ from one time step to the next.</summary>
    public static GlifNeuron Create(string name, long steps, SurrogateFunction? other = null)
    {
        var (surrogate, raw) = All[name];
        var neuron = new GlifNeuron((int)steps, Surrogate.Of(other ?? surrogate));
        using var noGrad = no_grad();
        foreach (var (key, parameter) in neuron.named_parameters())
        {
            if (raw.TryGetValue(key, out var value))
            {
                parameter.fill_(value);
            }
            else if (key == "conduct")
            {
                using var values = arange(steps, float32);
                parameter.copy_(values.sin_());
            }
        }
        return neuron;
    }

    /// <summary>What the fused neurons do.</summary>
    public static GlifOutcome Fused(string name, Tensor x, Tensor upstream, LaneWidth? width = null)
    {
        using var neuron = Create(name, x.shape[0]);
        return Run(neuron, x, upstream, new(), (input, pass) => neuron.Fused(input, pass, width));
    }

    /// <summary>What the neurons composed of torch operations do, in the type of x.</summary>
    public static GlifOutcome Composed(string name, Tensor x, Tensor upstream, SurrogateFunction? surrogate = null)
    {
        using var neuron = Create(name, x.shape[0], surrogate);
        neuron.to(x.dtype);
        return Run(neuron, x, upstream, new(), neuron.Composed);
    }

    /// <summary>What the layer does in a pass of a GPU, or of what stands in for one.</summary>
    public static GlifOutcome OnGpu(string name, Tensor x, Tensor upstream, Pass pass, SurrogateFunction? surrogate = null)
    {
        using var neuron = Create(name, x.shape[0], surrogate);
        neuron.to(x.device);
        return Run(neuron, x, upstream, pass, neuron.call);
    }

    /// <summary>The neurons that come nowhere near the threshold: the others fire by the last bit.</summary>
    public static Tensor Clear(string name, Tensor x)
    {
        using var noGrad = no_grad();
        using var neuron = Create(name, x.shape[0]);
        neuron.to(float64);
        var distance = neuron.Observe(x.to_type(float64), new()).OverThreshold.abs().amin([0]);
        return x.index_select(1, (distance > 1e-5).nonzero().squeeze(1));
    }

    private static GlifOutcome Run(GlifNeuron neuron, Tensor x, Tensor upstream, Pass pass, Func<Tensor, Pass, Tensor> fire)
    {
        var input = x.detach().requires_grad_();
        var spikes = fire(input, pass);
        var parameters = neuron.named_parameters().ToList();
        var gradients = pass.Gradients(spikes, [input, .. parameters.Select(p => p.parameter)], upstream);
        // A single step uses neither the membrane nor a spike before it.
        return new(spikes.detach(), gradients[0], parameters.Zip(gradients.Skip(1)).ToDictionary(
            p => p.First.name, p => p.Second.IsInvalid ? zeros_like(p.First.parameter).detach() : p.Second));
    }
}

/// <summary>A layer's spikes and the gradients of its input and of its parameters.</summary>
internal sealed record GlifOutcome(Tensor Spikes, Tensor X, IReadOnlyDictionary<string, Tensor> Parameters)
{
    /// <summary>Asserts that spikes are the same, and gradients the same up to rounding.</summary>
    /// <param name="expected">Those of float32.</param>
    /// <param name="what">The layer.</param>
    /// <param name="rounding">That of the gradient of x, as a part of its largest number. The default is float32's.</param>
    public void IsNear(GlifOutcome expected, string what, double rounding = 2e-6)
    {
        Close.Equal(expected.Spikes, Spikes.cpu(), $"{what}: spikes");
        Close.Within(rounding * Math.Max(1, expected.X.abs().max().item<float>()), expected.X, X.cpu(), $"{what}: gradient of x");
        foreach (var (key, gradient) in expected.Parameters)
        {
            Close.Within(1e-6 * expected.X.numel(), gradient, Parameters[key].cpu(), $"{what}: gradient of {key}");
        }
    }

    /// <summary>Asserts that not a bit differs.</summary>
    public void Is(GlifOutcome expected, string what)
    {
        new Outcome(Spikes, X, null).Is(new(expected.Spikes, expected.X, null), what);
        foreach (var (key, gradient) in expected.Parameters)
        {
            Assert.True(gradient.bytes.SequenceEqual(Parameters[key].bytes), $"{what}: gradient of {key}");
        }
    }
}
