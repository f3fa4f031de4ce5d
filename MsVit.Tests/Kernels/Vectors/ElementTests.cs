using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using TorchSharp;

namespace MsVit.Tests.Kernels.Vectors;

public sealed unsafe class ElementTests
{
    private const int Count = 1 << 16;

    [Fact]
    public void Numbers_become_bfloat16_as_torch_rounds_them_at_every_width()
    {
        using var scope = torch.NewDisposeScope();
        var values = new float[Count];
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
        {
            // Every upper half once; the lower half is half way to the next, just beside that, or anything.
            uint[] lower = [0x8000, 0x7FFF, 0x8001, 0, 0xFFFF, (uint)random.Next(1 << 16)];
            values[i] = BitConverter.UInt32BitsToSingle((uint)i << 16 | lower[i % lower.Length]);
        }
        var expected = torch.tensor(values).to(torch.bfloat16).to(torch.float32).data<float>().ToArray();
        if (Layers.Widths.Contains(LaneWidth.Bits512))
        {
            Assert.Equal(expected, Rounded<Lanes512>(values));
        }
        Assert.Equal(expected, Rounded<Lanes256>(values));
        Assert.Equal(expected, Rounded<Lanes128>(values));
        Assert.Equal(expected, Rounded<LanesScalar>(values));
    }

    // Through memory as bfloat16 and back.
    private static float[] Rounded<T>(float[] values)
        where T : struct, ILanes<T>
    {
        var (halves, back) = (new ushort[Count], new float[Count]);
        fixed (float* source = values, target = back)
        fixed (ushort* half = halves)
        {
            for (var i = 0; i < Count; i += T.Count)
            {
                BFloat16Element.Store(T.Load(source + i), (BFloat16Element*)half + i);
                BFloat16Element.Load<T>((BFloat16Element*)half + i).Store(target + i);
            }
        }
        return back;
    }
}
