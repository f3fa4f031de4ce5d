using MsVit.Trainer;

namespace MsVit.Tests.Trainer;

public sealed class ErrorLineTests
{
    [Fact]
    public void A_native_library_that_does_not_load_is_one_line_for_the_user()
    {
        var error = new TypeInitializationException("TorchSharp.torch", new NotSupportedException("no library\r\n   here"));
        Assert.True(ErrorLine.IsForTheUser(error));
        Assert.Equal("no library here", ErrorLine.Of(error));
    }

    [Fact]
    public void A_fault_of_ours_is_not_for_the_user() => Assert.False(
        ErrorLine.IsForTheUser(new AggregateException(new KeyNotFoundException())));
}
