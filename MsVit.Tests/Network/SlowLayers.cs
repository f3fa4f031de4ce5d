using TorchSharp;

namespace MsVit.Tests.Network;

/// <summary>Layers written as the plainest loops over single numbers, in double precision, to hold the fast ones to.</summary>
/// <remarks>
/// A value is addressed as [t][b][channel, token]. A membrane that comes from a batch norm must keep a distance from its
/// threshold, or rounding would decide the spike; the loops refuse such an input.
/// </remarks>
internal static class SlowLayers
{
    private const double Margin = 1e-5;

    public static double[][][,] From(torch.Tensor x) =>
        Map(x.shape[0], x.shape[1], (t, b) =>
        {
            var values = new double[x.shape[2], x.shape[3]];
            using var flat = x[t, b].contiguous();
            var data = flat.data<float>().ToArray();
            Fill(values, (c, n) => data[c * values.GetLength(1) + n]);
            return values;
        });

    /// <summary>BN(Conv(x)) over tokens in evaluation mode; kernel 1 or 3.</summary>
    public static double[][][,] ConvNorm(double[][][,] x, IReadOnlyDictionary<string, torch.Tensor> state, string name)
    {
        var weight = state[name + "_conv.weight"];
        var kernel = (int)weight.shape[2];
        var w = weight.data<float>().ToArray();
        var bias = state.TryGetValue(name + "_conv.bias", out var b) ? b.data<float>().ToArray() : null;
        var (scale, shift) = (Norm("weight"), Norm("bias"));
        var (mean, variance) = (Norm("running_mean"), Norm("running_var"));
        return Each(x, (int)weight.shape[0], (token, output, input) =>
        {
            var sum = (double)(bias?[output] ?? 0);
            for (var c = 0; c < input.GetLength(0); c++)
            {
                for (var k = 0; k < kernel; k++)
                {
                    var from = token + k - kernel / 2;
                    if (from >= 0 && from < input.GetLength(1))
                    {
                        sum += w[(output * input.GetLength(0) + c) * kernel + k] * input[c, from];
                    }
                }
            }
            return (sum - mean[output]) / Math.Sqrt(variance[output] + 1e-5) * scale[output] + shift[output];
        });

        float[] Norm(string part) => state[$"{name}_bn.{part}"].data<float>().ToArray();
    }

    /// <summary>LIF with tau 2, reset to 0, over t.</summary>
    public static double[][][,] Lif(double[][][,] x, double threshold, bool exact = false)
    {
        var membranes = x[0].Select(sample => new double[sample.GetLength(0), sample.GetLength(1)]).ToArray();
        return [.. x.Select(step => step.Select((sample, b) =>
        {
            var spikes = new double[sample.GetLength(0), sample.GetLength(1)];
            Fill(spikes, (c, n) =>
            {
                var h = membranes[b][c, n] + (sample[c, n] - membranes[b][c, n]) / 2;
                Assert.True(exact || Math.Abs(h - threshold) > Margin, "the input lets rounding decide a spike; choose another seed");
                membranes[b][c, n] = h >= threshold ? 0 : h;
                return h >= threshold ? 1 : 0;
            });
            return spikes;
        }).ToArray())];
    }

    /// <summary>A new value for each output channel and token, from all of a sample at one time step.</summary>
    public static double[][][,] Each(double[][][,] x, int channels, Func<int, int, double[,], double> value) =>
        Map(x.Length, x[0].Length, (t, b) =>
        {
            var y = new double[channels, x[t][b].GetLength(1)];
            Fill(y, (c, n) => value(n, c, x[t][b]));
            return y;
        });

    public static double[][][,] Map(long steps, long samples, Func<int, int, double[,]> value) =>
        [.. Enumerable.Range(0, (int)steps).Select(t => Enumerable.Range(0, (int)samples).Select(b => value(t, b)).ToArray())];

    private static void Fill(double[,] values, Func<int, int, double> value)
    {
        for (var c = 0; c < values.GetLength(0); c++)
        {
            for (var n = 0; n < values.GetLength(1); n++)
            {
                values[c, n] = value(c, n);
            }
        }
    }
}
