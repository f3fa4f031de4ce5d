using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using TorchSharp;

namespace MsVit.Tests.Golden;

public sealed class SurrogateGoldenTests
{
    public static TheoryData<string> Functions => [.. Enum.GetNames<SurrogateFunction>()];

    [Theory]
    [MemberData(nameof(Functions))]
    public void The_step_its_gradient_and_its_primitive_are_those_of_the_reference(string function)
    {
        foreach (var label in GoldenFolder.Cases("surrogates"))
        {
            using var golden = new GoldenCase(label);
            using var scope = torch.NewDisposeScope();
            var surrogate = Read(golden, function);
            Assert.Equal(Surrogate.Of(surrogate.Function), surrogate);

            var x = golden["x"].clone().requires_grad_();
            var spikes = Spike.Fire(x, surrogate, new());
            spikes.backward([golden["grad_out"]]);
            Close.Equal(golden[$"{function}/forward"], spikes, "forward");
            Close.Within(1e-5, golden[$"{function}/grad"], x.grad!, "gradient");
            // The reference's LogTailedReLU takes the logarithm of 0 where x <= 0 and alpha is 0.
            var primitive = golden[$"{function}/primitive"];
            Close.Within(1e-5, primitive.nan_to_num(), SurrogateFormulas.Primitive(surrogate, golden["x"]), "primitive",
                only: primitive.isnan().logical_not());
        }
    }

    [Fact]
    public void Every_recorded_function_is_offered()
    {
        foreach (var label in GoldenFolder.Cases("surrogates"))
        {
            using var golden = new GoldenCase(label);
            Assert.Equal(golden.Json.EnumerateObject().Select(p => p.Name).Order(), Enum.GetNames<SurrogateFunction>().Order());
        }
    }

    private static Surrogate Read(GoldenCase golden, string function)
    {
        var args = golden.Json.GetProperty(function).GetProperty("args").EnumerateObject().Select(arg => arg.Value.GetDouble()).ToList();
        return new Surrogate(Enum.Parse<SurrogateFunction>(function), args[0], args.ElementAtOrDefault(1));
    }
}
