"""The eight operations as Java writes them: calls and answers, byte by byte.

Printable ASCII stands for itself, every other byte is written <hh>. The bodies were taken from
Caucho's own client and server (4.0.38), for both versions of the protocol.
"""

import re


def octets(text: str) -> bytes:
    """The bytes of a text in this notation."""
    pieces = re.split(r"<([0-9a-f]{2})>", text)
    return b"".join(bytes.fromhex(piece) if odd % 2 else piece.encode() for odd, piece in enumerate(pieces))


def written(data: bytes) -> str:
    """The same the other way round, for messages of failed tests."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F and byte not in b"<>" else f"<{byte:02x}>" for byte in data)


INSERT_SERVICE_OP_1 = octets(
    "c<01><00>m<00><0f>insertServiceOpMt<00>%com.alibaba.billing.model.BillinginfoS<00><08>usernameS<00>"
    "<08>user-1-1S<00><06>userIdS<00><04>u1-1S<00><0a>payerMemIdS<00><04>pm-1S<00><0b>productNameS<00>"
    "<07><e9><82><ae><e7><ae><b1> MailS<00><09>productIdS<00><06>prod-1S<00><07>useUnitS<00><02>GBS<00>"
    '<09>startDated<00><00><01>"<d1><8a><08><00>S<00><07>endDated<00><00><01>#q/(<18>S<00><06>amountMt'
    "<00><14>java.math.BigDecimalS<00><05>valueS<00><05>12.50zS<00><06>useAgeMt<00><14>java.math.BigDecim"
    "alS<00><05>valueS<00><04>3.25zzz"
)

INSERT_SERVICE_OP_2 = octets(
    "H<02><00>C<0f>insertServiceOp<91>C0%com.alibaba.billing.model.Billinginfo<9a><08>username<06>userId"
    "<0a>payerMemId<0b>productName<09>productId<07>useUnit<09>startDate<07>endDate<06>amount<06>useAge`"
    "<08>user-1-1<04>u1-1<04>pm-1<07><e9><82><ae><e7><ae><b1> Mail<06>prod-1<02>GBK<01>=<a6><c0>J<00><00>"
    "<01>#q/(<18>C<14>java.math.BigDecimal<91><05>valuea<05>12.50a<04>3.25"
)

INSTALL_ORDER_1 = octets(
    "c<01><00>m<00><0c>installOrderMt<00><1f>com.alibaba.billing.model.OrderS<00><07>orderIdS<00><07>ord-"
    "1-1S<00><09>ordercodeS<00><04>OC11S<00><06>custIdS<00><03>c-1S<00><0b>billingTypeS<00><01>1S<00><09>"
    "productIdS<00><06>prod-1S<00><06>statusS<00><01>1S<00><11>productStrategyIdS<00><04>ps-1S<00><0d>spe"
    "cConditionS<00><00>S<00><07>isQuotaS<00><01>0S<00><0a>payerMemIdS<00><04>pm-1S<00><09>startDated<00>"
    '<00><01>"<d1><8a><08><00>zz'
)

INSTALL_ORDER_2 = octets(
    "H<02><00>C<0c>installOrder<91>C<1f>com.alibaba.billing.model.Order<9b><07>orderId<09>ordercode<06>cu"
    "stId<0b>billingType<09>productId<06>status<11>productStrategyId<0d>specCondition<07>isQuota<0a>payer"
    "MemId<09>startDate`<07>ord-1-1<04>OC11<03>c-1<01>1<06>prod-1<01>1<04>ps-1<00><01>0<04>pm-1K<01>=<a6>"
    "<c0>"
)

UPDATE_ORDER_STATE_1 = octets("c<01><00>m<00><10>updateOrderStateS<00><07>ord-1-1S<00><01>2z")

UPDATE_ORDER_STATE_2 = octets("H<02><00>C<10>updateOrderState<92><07>ord-1-1<01>2")

GET_TOTAL_PRICE_1 = octets(
    "c<01><00>m<00><0d>getTotalPriceS<00><06>prod-1Mt<00><00>S<00><04>sizeI<00><00><00><03>S<00><06>regio"
    "nS<00><02>cnzS<00><02>GBMt<00><14>java.math.BigDecimalS<00><05>valueS<00><03>2.5zS<00><03>RMBz"
)

GET_TOTAL_PRICE_2 = octets(
    "H<02><00>C<0d>getTotalPrice<95><06>prod-1H<04>size<93><06>region<02>cnZ<02>GBC<14>java.math.BigDecim"
    "al<91><05>value`<03>2.5<03>RMB"
)

GET_TOTAL_PRICE_REPLY_1 = octets(
    "r<01><00>Mt<00>,org.mule.esb.model.tcc.result.EsbResultModelS<00><0b>isSuccessedTS<00><0d>exceptionD"
    "escNS<00><0f>returnClassNameS<00><14>java.math.BigDecimalS<00><0a>methodTypeS<00><0e>NOT_TCC_STATUSS"
    "<00><0c>fromCharcodeNS<00><0a>toCharcodeNS<00><10>charsetConvertedNS<00><05>msgIdNS<00><0b>returnVal"
    "ueMt<00><14>java.math.BigDecimalS<00><05>valueS<00><05>18.75zzz"
)

GET_TOTAL_PRICE_REPLY_2 = octets(
    "H<02><00>RC0,org.mule.esb.model.tcc.result.EsbResultModel<99><0b>isSuccessed<0d>exceptionDesc<0f>ret"
    "urnClassName<0a>methodType<0c>fromCharcode<0a>toCharcode<10>charsetConverted<05>msgId<0b>returnValue"
    "`TN<14>java.math.BigDecimal<0e>NOT_TCC_STATUSNNNNC<14>java.math.BigDecimal<91><05>valuea<05>18.75"
)

FEEDBACK_USER_1 = octets("c<01><00>m<00><0c>feedbackUserS<00><04>pm-1z")

FEEDBACK_USER_2 = octets("H<02><00>C<0c>feedbackUser<91><04>pm-1")

PAY_CALLBACK_1 = octets("c<01><00>m<00><0b>payCallbackS<00><07>inv-1-1S<00><01>1z")

PAY_CALLBACK_2 = octets("H<02><00>C<0b>payCallback<92><07>inv-1-1<01>1")

CHANGE_ACCOUNT_NUM_1 = octets("c<01><00>m<00><10>changeAccountNumS<00><04>mm-1I<00><00><00><05>S<00><06>prod-1z")

CHANGE_ACCOUNT_NUM_2 = octets("H<02><00>C<10>changeAccountNum<93><04>mm-1<95><06>prod-1")

CHARGE_ACCOUNT_1 = octets(
    "c<01><00>m<00><0d>chargeAccountMt<00>!com.alibaba.billing.model.InvoiceS<00><04>guidS<00><07>inv-1-1"
    "S<00><06>custIdS<00><03>c-1S<00><08>custNameS<00><02><e5><ae><a2><e6><88><b7>S<00><0a>payerMemIdS"
    "<00><04>pm-1S<00><0b>totalAmountMt<00><14>java.math.BigDecimalS<00><05>valueS<00><06>100.00zS<00>"
    "<09>rmbAmountMt<00><14>java.math.BigDecimalS<00><05>valueS<00><06>100.00zS<00><09>twbAmountMt<00>"
    "<14>java.math.BigDecimalS<00><05>valueS<00><01>0zS<00><0e>usdollarAmountMt<00><14>java.math.BigDecim"
    "alS<00><05>valueS<00><01>0zS<00><08>gbAmountMt<00><14>java.math.BigDecimalS<00><05>valueS<00><01>0zS"
    "<00><04>itemVl<00><00><00><02>Mt<00>%com.alibaba.billing.model.InvoiceItemS<00><04>guidS<00><04>it-1"
    "S<00><09>productIdS<00><06>prod-1S<00><0b>productNameS<00><04>MailS<00><09>orderCodeS<00><03>OC1S"
    "<00><08>currencyS<00><03>RMBS<00><06>amountMt<00><14>java.math.BigDecimalS<00><05>valueS<00><05>60.0"
    "0zS<00><0a>markAmountMt<00><14>java.math.BigDecimalS<00><05>valueS<00><05>60.00zzMt<00>%com.alibaba."
    "billing.model.InvoiceItemS<00><04>guidS<00><04>it-2S<00><09>productIdS<00><06>prod-2S<00><0b>product"
    "NameS<00><04>DiskS<00><09>orderCodeS<00><03>OC2S<00><08>currencyS<00><03>RMBS<00><06>amountMt<00>"
    "<14>java.math.BigDecimalS<00><05>valueS<00><05>40.00zS<00><0a>markAmountMt<00><14>java.math.BigDecim"
    "alS<00><05>valueS<00><05>45.00zzzzz"
)

CHARGE_ACCOUNT_2 = octets(
    "H<02><00>C<0d>chargeAccount<91>C0!com.alibaba.billing.model.Invoice<9a><04>guid<06>custId<08>custNam"
    "e<0a>payerMemId<0b>totalAmount<09>rmbAmount<09>twbAmount<0e>usdollarAmount<08>gbAmount<04>item`<07>i"
    "nv-1-1<03>c-1<02><e5><ae><a2><e6><88><b7><04>pm-1C<14>java.math.BigDecimal<91><05>valuea<06>100.00a"
    "<06>100.00a<01>0a<01>0a<01>0zC0%com.alibaba.billing.model.InvoiceItem<97><04>guid<09>productId<0b>pr"
    "oductName<09>orderCode<08>currency<06>amount<0a>markAmountb<04>it-1<06>prod-1<04>Mail<03>OC1<03>RMBa"
    "<05>60.00a<05>60.00b<04>it-2<06>prod-2<04>Disk<03>OC2<03>RMBa<05>40.00a<05>45.00"
)

ANSWER_1_1 = octets("r<01><00>S<00><01>1z")

ANSWER_MINUS_1_1 = octets("r<01><00>S<00><02>-1z")

ANSWER_1_2 = octets("H<02><00>R<01>1")

ANSWER_MINUS_1_2 = octets("H<02><00>R<02>-1")

FAULT_1 = octets("r<01><00>fS<00><04>codeS<00><10>ServiceExceptionS<00><07>messageS<00><07>refusedzz")

FAULT_2 = octets("H<02><00>FH<04>code<10>ServiceException<07>message<07>refusedZ")
