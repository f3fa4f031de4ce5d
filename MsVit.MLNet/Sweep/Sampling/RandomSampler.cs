namespace MsVit.MLNet.Sweep;

/// <summary>Draws every parameter independently and uniformly.</summary>
internal sealed class RandomSampler(SearchSpace space, ulong seed) : ISampler
{
    public IReadOnlyDictionary<string, string> Propose(int number, IReadOnlyList<Observation> history)
    {
        var random = RandomStream.For(RandomPurpose.Sweep, seed, (ulong)number, 0);
        return space.Fill(parameter => parameter.At(random.NextSingle()));
    }
}
