using System.Text.Json;
using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using TorchSharp;
using TorchSharp.Modules;

namespace MsVit.Tests.Golden;

public sealed class NeuronGoldenTests
{
    private const string TwoCalls = "lif_two_calls";

    public static TheoryData<string, string> Layers
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var label in GoldenFolder.Cases("neurons"))
            {
                using var golden = new GoldenCase(label);
                foreach (var name in golden.Json.EnumerateObject().Select(p => p.Name).Where(name => name != TwoCalls))
                {
                    rows.Add(label, name);
                }
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_layer_fires_and_passes_gradients_back_as_in_the_reference(string label, string name)
    {
        using var golden = new GoldenCase(label);
        using var scope = torch.NewDisposeScope();
        var facts = golden.Json.GetProperty(name);
        var x = golden[$"{name}/x"].clone().requires_grad_();
        var kind = facts.GetProperty("neuron").GetString();
        if (kind == "GLIF")
        {
            Glif(golden, name, x, facts);
            return;
        }
        Assert.True(kind is "LIF" or "activation_based LIF" or "PLIF", $"{name}: the neuron {kind} is not known");
        var dynamics = Dynamics(facts);
        using var w = kind == "PLIF" ? golden[$"{name}/param/w"].clone().requires_grad_() : null;

        var trace = EagerLif.Observe(x, dynamics, new(), w);
        Close.Equal(golden[$"{name}/spikes"], trace.Spikes, "spikes");
        Close.Within(1e-5, golden[$"{name}/h_minus_threshold"], trace.OverThreshold, "membrane over threshold");
        Close.Within(1e-5, golden[$"{name}/v"], trace.Potential, "membrane after the reset");

        var spikes = LifKernel.Fire(x, dynamics, new(), w);
        Close.Equal(golden[$"{name}/spikes"], spikes, "spikes");
        spikes.backward([golden[$"{name}/grad_spikes"]]);
        Close.Within(1e-5, golden[$"{name}/grad_x"], x.grad!, "gradient of x");
        if (w is not null)
        {
            Close.Within(1e-5, golden[$"{name}/grad/w"], w.grad!, "gradient of w");
        }
    }

    [Fact]
    public void Two_calls_that_carry_the_membrane_over_equal_one_call_over_both_sequences()
    {
        foreach (var label in GoldenFolder.Cases("neurons"))
        {
            using var golden = new GoldenCase(label);
            using var scope = torch.NewDisposeScope();
            var x1 = golden[$"{TwoCalls}/x1"];
            var both = torch.cat([x1, golden[$"{TwoCalls}/x2"]], 0);
            var trace = EagerLif.Observe(both, Dynamics(golden.Json.GetProperty(TwoCalls)), new());
            Close.Equal(torch.cat([golden[$"{TwoCalls}/spikes1"], golden[$"{TwoCalls}/spikes2"]], 0), trace.Spikes, "spikes");
            var carried = golden[$"{TwoCalls}/v_after_call1"];
            Close.Within(1e-6, carried, trace.Potential[x1.shape[0] - 1].reshape(carried.shape), "membrane between the calls");
        }
    }

    private static void Glif(GoldenCase golden, string name, torch.Tensor x, JsonElement facts)
    {
        using var layer = new GlifNeuron(facts.GetProperty("T").GetInt32(), Surrogate.Default);
        var recorded = golden.Under($"{name}/param/");
        var parameters = layer.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.Equal(recorded.Keys.Order(), parameters.Keys.Order());
        if (facts.TryGetProperty("init_tau", out _))
        {
            foreach (var (key, parameter) in parameters.Where(p => p.Key is not ("alpha" or "beta" or "gamma")))
            {
                Close.Within(1e-6, recorded[key], parameter, $"initial {key}");
            }
        }
        Load(parameters, recorded);

        var (spikes, over) = layer.Observe(x, new());
        Close.Equal(golden[$"{name}/spikes"], spikes, "spikes");
        Close.Within(1e-5, golden[$"{name}/h_minus_threshold"], over, "membrane over threshold");
        layer.call(x, new()).backward([golden[$"{name}/grad_spikes"]]);
        Close.Within(1e-5, golden[$"{name}/grad_x"], x.grad!, "gradient of x");
        foreach (var (key, expected) in golden.Under($"{name}/grad/"))
        {
            Close.Within(1e-5, expected, parameters[key].grad!, $"gradient of {key}");
        }
    }

    private static void Load(Dictionary<string, Parameter> parameters, IReadOnlyDictionary<string, torch.Tensor> recorded)
    {
        using var noGrad = torch.no_grad();
        foreach (var (key, parameter) in parameters)
        {
            parameter.copy_(recorded[key]);
        }
    }

    private static LifDynamics Dynamics(JsonElement facts) =>
        new(facts.GetProperty("tau").GetDouble(), facts.GetProperty("v_threshold").GetDouble(), SurrogateOf(facts))
        {
            ResetTo = facts.GetProperty("v_reset") is { ValueKind: JsonValueKind.Number } reset ? reset.GetDouble() : null,
            DecayInput = facts.GetProperty("decay_input").GetBoolean(),
            DetachReset = facts.GetProperty("detach_reset").GetBoolean(),
        };

    private static Surrogate SurrogateOf(JsonElement facts)
    {
        var name = facts.GetProperty("surrogate").GetString();
        if (name == "Sigmoid alpha 4")
        {
            return Surrogate.Default;
        }
        var args = facts.GetProperty("surrogate_args").EnumerateObject().Select(arg => arg.Value.GetDouble()).ToList();
        return new Surrogate(Enum.Parse<SurrogateFunction>(name!), args[0], args.ElementAtOrDefault(1));
    }
}
