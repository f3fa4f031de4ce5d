using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events;

/// <summary>Files that are no recordings are called what they are, whatever their ending.</summary>
public sealed class NoRecordingTests
{
    [Theory]
    [InlineData("a.aedat")]
    [InlineData("a.csv")]
    [InlineData("a.raw")]
    public void A_web_page_is_called_one(string name)
    {
        Assert.Contains("the file is an HTML page", Refusal("<html>404</html>"u8, name), StringComparison.Ordinal);
        Assert.Contains("the file is an HTML page", Refusal("\r\n <!DOCTYPE HTML><html>"u8, name), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.aedat4")]
    [InlineData("a.npy")]
    [InlineData("a.raw")]
    public void Zeros_are_called_zeros(string name) =>
        Assert.Contains("filled with zeros", Refusal(new byte[5000], name), StringComparison.Ordinal);

    private static string Refusal(ReadOnlySpan<byte> content, string name)
    {
        var bytes = content.ToArray();
        return Assert.Throws<EventFormatException>(() => EventFile.Open(bytes, name)).Message;
    }
}
