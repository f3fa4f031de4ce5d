using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A linear layer on the features' mean over time: [T, B, C] to the teacher's features [B, width]. Only training has it.</summary>
internal sealed class TeacherProjection : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "projection")]
    private readonly Head _linear;

    public TeacherProjection(int features, int width, ulong seed)
        : base(nameof(TeacherProjection))
    {
        _linear = new(features, width);
        RegisterComponents();
        InitialWeights.Draw(this, (long)seed);
    }

    public override Tensor forward(Tensor features) => _linear.call(features);
}
