namespace MsVit.MLNet.Sweep;

/// <summary>Every parameter drawn on its own, each value of it as likely as any other.</summary>
internal sealed class RandomSampler(SearchSpace space, ulong seed) : ISampler
{
    public IReadOnlyDictionary<string, string> Next(int number, IReadOnlyList<Observation> history)
    {
        var random = RandomStream.For(RandomPurpose.Sweep, seed, (ulong)number, 0);
        return space.Fill(parameter => parameter.At(random.NextSingle()));
    }
}
