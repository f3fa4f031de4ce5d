using MsVit.MLNet;

namespace MsVit.Tests.Platform;

/// <summary>Numbers with their nouns.</summary>
public sealed class CountedTests
{
    [Theory]
    [InlineData(0, "0 epochs")]
    [InlineData(1, "1 epoch")]
    [InlineData(2, "2 epochs")]
    [InlineData(12345, "12345 epochs")]
    public void A_noun_follows_its_number(long count, string expected) => Assert.Equal(expected, Counted.Of(count, "epoch"));

    [Theory]
    [InlineData(1, "1 class has")]
    [InlineData(3, "3 classes have")]
    public void An_irregular_plural_is_given(long count, string expected) =>
        Assert.Equal(expected, Counted.Of(count, "class has", "classes have"));
}
