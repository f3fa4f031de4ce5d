using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Tests.Distributed;

/// <summary>A group that announces each training step as it begins.</summary>
internal sealed class AnnouncingGroup(RankGroup inner, Action<long> announce) : RankGroup
{
    public override int Rank => inner.Rank;

    public override int Size => inner.Size;

    public override int LocalRank => inner.LocalRank;

    public override int LocalSize => inner.LocalSize;

    public override IReadOnlyList<string> Hosts => inner.Hosts;

    internal override void BeginStep(long step)
    {
        inner.BeginStep(step);
        announce(step);
    }

    internal override void Sum(Span<double> values) => inner.Sum(values);

    internal override void Max(Span<double> values) => inner.Max(values);

    internal override void Sum(Tensor block) => inner.Sum(block);

    internal override IRankSum BeginSum(Tensor block) => inner.BeginSum(block);

    internal override void Broadcast(Span<byte> data) => inner.Broadcast(data);

    internal override void Barrier() => inner.Barrier();
}
