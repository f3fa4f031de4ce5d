using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Draws the weights of a new network from a seed. The same seed gives the same bits on every machine.</summary>
/// <remarks>
/// Convolutions, and the layer that compares features with a teacher's: uniform in ±1/sqrt(fan-in), including biases (PyTorch's default).
/// Head: normal with standard deviation 0.02, bias 0.
/// Gates of GLIF: uniform in ±0.1. Each tensor has its own random stream, keyed by the seed and its name, so adding or removing a layer
/// does not change the others. The generators of torch are not used.
/// </remarks>
internal static class InitialWeights
{
    private const double HeadDeviation = 0.02;
    private const double GateRange = 0.1;

    public static void Draw(nn.Module network, long seed)
    {
        using var noGrad = no_grad();
        foreach (var (name, module) in network.named_modules())
        {
            switch (module)
            {
                case Conv conv:
                    var range = 1 / Math.Sqrt(conv.Weight.numel() / conv.Weight.shape[0]);
                    Uniform(conv.Weight, range, Stream(seed, name + ".weight"));
                    if (conv.Bias is not null)
                    {
                        Uniform(conv.Bias, range, Stream(seed, name + ".bias"));
                    }
                    break;
                // A bias of zero would leave the cosine undefined for features of zero, and its gradient near them without bound.
                case Head head when network is TeacherProjection:
                    Uniform(head.Weight, 1 / Math.Sqrt(head.Weight.shape[1]), Stream(seed, name + ".weight"));
                    Uniform(head.Bias, 1 / Math.Sqrt(head.Weight.shape[1]), Stream(seed, name + ".bias"));
                    break;
                case Head head:
                    Normal(head.Weight, HeadDeviation, Stream(seed, name + ".weight"));
                    _ = head.Bias.zero_();
                    break;
                case GlifNeuron glif:
                    foreach (var (i, gate) in glif.Gates.Index())
                    {
                        Uniform(gate, GateRange, Stream(seed, $"{name}.gate{i}"));
                    }
                    break;
            }
        }
    }

    private static void Uniform(Parameter parameter, double range, WeightStream stream)
    {
        foreach (ref var value in Values(parameter))
        {
            value = (float)(range * (2 * stream.Next() - 1));
        }
    }

    private static void Normal(Parameter parameter, double deviation, WeightStream stream)
    {
        foreach (ref var value in Values(parameter))
        {
            // Box and Muller; 1 - u is never 0.
            value = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - stream.Next())) * Math.Cos(2 * Math.PI * stream.Next()));
        }
    }

    private static Span<float> Values(Parameter parameter) => MemoryMarshal.Cast<byte, float>(parameter.bytes);

    private static WeightStream Stream(long seed, string name)
    {
        // FNV-1a: unlike string.GetHashCode, it is the same in every process.
        var hash = 14695981039346656037UL;
        foreach (var letter in name)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }
        return new WeightStream(hash ^ WeightStream.Mix((ulong)seed));
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a counter and a mixing function.</summary>
    private struct WeightStream(ulong key)
    {
        private ulong _state = key;

        /// <summary>The next number in [0, 1), with 53 random bits.</summary>
        public double Next() => (Mix(_state += 0x9E3779B97F4A7C15UL) >> 11) * (1.0 / (1UL << 53));

        public static ulong Mix(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }
}
